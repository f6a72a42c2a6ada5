/** The least that it allocates, so that single bytes do not cost an allocation each. */
const LEAST_BYTES = 1024;

/**
 * The unsent bytes, in one piece, so that one write can send them all.
 *
 * ```text
 *   ░░░░░░░▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░░
 *          start        end       capacity
 * ```
 */
export class Outbox {
  readonly #maxBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** @param maxBytes - The most that it will have to hold. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The number of unsent bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The size of its memory. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Has the unsent bytes from {@link Outbox.start} on. Valid until the next {@link Outbox.append}. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get start(): number {
    return this.#start;
  }

  /**
   * Appends a copy of the bytes from `from` to `to`.
   *
   * @param spareBytes - By how much its memory may grow to save later allocations. It always grows by what it needs.
   */
  append(bytes: Uint8Array, from: number, to: number, spareBytes: number): void {
    const count = to - from;
    if (this.#end + count > this.#bytes.length) {
      this.#makeRoom(this.length + count, spareBytes);
    }
    this.#bytes.set(bytes.subarray(from, to), this.#end);
    this.#end += count;
  }

  /** Removes the first bytes, which have been sent. */
  shift(count: number): void {
    this.#start += count;
  }

  /** Moves the unsent bytes to the front, of larger memory if necessary. */
  #makeRoom(neededBytes: number, spareBytes: number): void {
    const unsent = this.#bytes.subarray(this.#start, this.#end);
    if (neededBytes > this.#bytes.length) {
      const roomyBytes = Math.max(2 * this.#bytes.length, LEAST_BYTES);
      const mostBytes = Math.min(this.#maxBytes, this.#bytes.length + spareBytes);
      this.#bytes = new Uint8Array(Math.max(neededBytes, Math.min(roomyBytes, mostBytes)));
    }
    this.#bytes.set(unsent);
    this.#end = unsent.length;
    this.#start = 0;
  }
}
