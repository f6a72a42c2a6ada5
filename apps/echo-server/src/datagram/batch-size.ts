/** More bytes than this in one batch would not stay in the cache of the processor until they are sent. */
const ENOUGH_BYTES = 256 * 1024;

/**
 * How many messages to ask for. Asking for more than are there costs time in the kernel, and so does asking twice. So it
 * asks for about as many as came the last time. If there are more, the next event brings more than twice as many.
 */
export class BatchSize {
  readonly #capacity: number;
  #wanted: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#wanted = capacity;
  }

  /** At least 1. */
  get wanted(): number {
    return this.#wanted;
  }

  /** @param count - How many came. */
  adapt(count: number, bytes: number): void {
    const isFull = count >= this.#wanted;
    const more = isFull ? 4 * count : count + (count >> 1);
    const next = bytes > ENOUGH_BYTES ? count >> 1 : more;
    this.#wanted = Math.min(Math.max(next, 1), this.#capacity);
  }
}
