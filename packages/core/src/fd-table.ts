/** The kernel's default ceiling for fd numbers, `sysctl_nr_open` in fs/file.c. */
const USUAL_FD_LIMIT = 1 << 20;

/**
 * One slot per fd. The kernel assigns the lowest free number, so an array indexed by fd stays small and dense, and to
 * find the entry of a ready fd takes a single load. A custom poller may use any number. A map has the numbers that a
 * kernel does not assign, because to iterate an array that long would take minutes.
 */
export class FdTable<V extends object> implements Iterable<V> {
  readonly #slots: (V | undefined)[] = [];
  readonly #high = new Map<number, V>();
  #taken = 0;

  get size(): number {
    return this.#taken + this.#high.size;
  }

  get(fd: number): V | undefined {
    return fd < USUAL_FD_LIMIT ? this.#slots[fd] : this.#high.get(fd);
  }

  set(fd: number, value: V): void {
    if (fd >= USUAL_FD_LIMIT) {
      this.#high.set(fd, value);
      return;
    }
    this.#reserve(fd);
    if (this.#slots[fd] === undefined) {
      this.#taken++;
    }
    this.#slots[fd] = value;
  }

  delete(fd: number): void {
    if (fd >= USUAL_FD_LIMIT) {
      this.#high.delete(fd);
    } else if (this.#slots[fd] !== undefined) {
      this.#slots[fd] = undefined;
      this.#taken--;
    }
  }

  /** In order of fd. Values that are added or deleted during the iteration may or may not appear. */
  *[Symbol.iterator](): Generator<V, void, undefined> {
    for (const value of this.#slots) {
      if (value !== undefined) {
        yield value;
      }
    }
    for (const [, value] of [...this.#high].sort(([a], [b]) => a - b)) {
      yield value;
    }
  }

  /** Makes room in powers of two. V8 turns an array into a dictionary when a store leaves a gap of 1,024 slots. */
  #reserve(fd: number): void {
    if (fd >= this.#slots.length) {
      this.#slots.length = Math.max(64, 2 ** Math.ceil(Math.log2(fd + 1)));
    }
  }
}
