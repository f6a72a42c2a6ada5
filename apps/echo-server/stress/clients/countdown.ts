/** Tells when something has happened so many times. */
export class Countdown {
  readonly #total: number;
  readonly #onEnd: () => void;
  #counted = 0;

  constructor(total: number, onEnd: () => void) {
    this.#total = total;
    this.#onEnd = onEnd;
  }

  /** How often it has happened. */
  get counted(): number {
    return this.#counted;
  }

  /** It has happened once more. */
  count(): void {
    this.#counted++;
    if (this.#counted === this.#total) {
      this.#onEnd();
    }
  }
}
