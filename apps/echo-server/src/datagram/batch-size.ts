/** More bytes than this in one batch would not stay in the cache of the processor until they are sent. */
const ENOUGH_BYTES = 256 * 1024;
/** Maximum number of single messages after which it asks for more than one again. */
const MAX_PAUSE = 63;

/**
 * How many messages to ask for. Asking for more than are there costs time in the kernel, and so does asking twice. So it
 * asks for about as many as came the last time. If there are more, the next event brings more than twice as many.
 *
 * A single message is as many as it asked for, whether or not more are there. So it asks for more the next time. But after
 * each time that a single one comes then, it asks for one twice as often before it asks for more.
 */
export class BatchSize {
  readonly #capacity: number;
  #wanted: number;
  /** How many times it asks for a single message, and how many of them are left. */
  #pause = 0;
  #pauseLeft = 0;

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
    this.#pauseAfter(count);
    const isFull = count >= this.#wanted && this.#pauseLeft === 0;
    const more = isFull ? 4 * count : count + (count >> 1);
    const next = bytes > ENOUGH_BYTES ? count >> 1 : more;
    this.#wanted = Math.min(Math.max(next, 1), this.#capacity);
  }
  #pauseAfter(count: number): void {
    if (count > 1) {
      this.#pause = this.#pauseLeft = 0;
    } else if (this.#wanted > 1) {
      this.#pause = Math.min(2 * this.#pause + 1, MAX_PAUSE);
      this.#pauseLeft = this.#pause;
    } else if (this.#pauseLeft > 0) {
      this.#pauseLeft--;
    }
  }
}
