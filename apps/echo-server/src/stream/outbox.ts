/** The least it asks for, so that byte by byte it does not ask for each. */
const LEAST_BYTES = 1024;

/**
 * What waits to be sent, in one piece, so that one write can take it all.
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

  /** @param maxBytes - What it is asked to hold at most. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** How much memory it takes. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Where the bytes that wait are, from {@link Outbox.start} on. Only until the next {@link Outbox.append}. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get start(): number {
    return this.#start;
  }

  /** Puts a copy of the bytes from `from` to `to` behind what waits. */
  append(source: Uint8Array, from: number, to: number): void {
    const count = to - from;
    if (this.#end + count > this.#bytes.length) {
      this.#makeRoom(this.length + count);
    }
    this.#bytes.set(source.subarray(from, to), this.#end);
    this.#end += count;
  }

  /** Notes that so many bytes have been sent. */
  shift(count: number): void {
    this.#start += count;
  }

  /** Moves what waits to the front, of a larger piece of memory if it must be. */
  #makeRoom(neededBytes: number): void {
    const waiting = this.#bytes.subarray(this.#start, this.#end);
    if (neededBytes > this.#bytes.length) {
      const roomyBytes = Math.min(this.#maxBytes, Math.max(2 * this.#bytes.length, LEAST_BYTES));
      this.#bytes = new Uint8Array(Math.max(neededBytes, roomyBytes));
    }
    this.#bytes.set(waiting);
    this.#end = waiting.length;
    this.#start = 0;
  }
}
