/** Calls back when something has happened a number of times. */
export class Countdown {
  readonly #total: number;
  readonly #onEnd: () => void;
  #counted = 0;

  constructor(total: number, onEnd: () => void) {
    this.#total = total;
    this.#onEnd = onEnd;
  }

  /** The number of times that it has happened. */
  get counted(): number {
    return this.#counted;
  }

  /** Counts it once more. */
  count(): void {
    this.#counted++;
    if (this.#counted === this.#total) {
      this.#onEnd();
    }
  }
}
