/** The kernel's default ceiling for fd numbers, `sysctl_nr_open` in fs/file.c. */
const USUAL_FD_LIMIT = 1 << 20;

/**
 * One slot an fd. The kernel hands out the lowest free number, so an array indexed by fd stays small and dense, and
 * looking up the owner of a ready fd is a single load.
 */
export class FdTable<V extends object> implements Iterable<V> {
  readonly #slots: (V | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(fd: number): V | undefined {
    return this.#slots[fd];
  }

  set(fd: number, value: V): void {
    this.#reserve(fd);
    if (this.#slots[fd] === undefined) {
      this.#size++;
    }
    this.#slots[fd] = value;
  }

  delete(fd: number): void {
    if (this.#slots[fd] !== undefined) {
      this.#slots[fd] = undefined;
      this.#size--;
    }
  }

  clear(): void {
    this.#slots.length = 0;
    this.#size = 0;
  }

  /** In order of fd. What is added or deleted meanwhile may or may not show. */
  *[Symbol.iterator](): Generator<V, void, undefined> {
    for (const value of this.#slots) {
      if (value !== undefined) {
        yield value;
      }
    }
  }

  /**
   * V8 turns an array into a dictionary when a store leaves a gap of 1,024 slots, so room is made in powers of two
   * first. Numbers above what a kernel hands out (a custom poller may use any) are left to the dictionary.
   */
  #reserve(fd: number): void {
    if (fd >= this.#slots.length && fd < USUAL_FD_LIMIT) {
      this.#slots.length = Math.max(64, 2 ** Math.ceil(Math.log2(fd + 1)));
    }
  }
}
