/** The kernel's default ceiling for fd numbers, `sysctl_nr_open` in fs/file.c. */
const USUAL_FD_LIMIT = 1 << 20;

/**
 * One slot an fd. The kernel hands out the lowest free number, so an array indexed by fd stays small and dense, and
 * looking up the owner of a ready fd is a single load. A custom poller may use any number: those above what a kernel
 * hands out are kept apart, for an array that long would be walked for minutes.
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

  /** In order of fd. What is added or deleted meanwhile may or may not show. */
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

  /** V8 turns an array into a dictionary when a store leaves a gap of 1,024 slots: room is made in powers of two first. */
  #reserve(fd: number): void {
    if (fd >= this.#slots.length) {
      this.#slots.length = Math.max(64, 2 ** Math.ceil(Math.log2(fd + 1)));
    }
  }
}
