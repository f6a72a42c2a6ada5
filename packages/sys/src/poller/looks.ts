/** Maximum number of chances that pass without a look. */
const MAX_PAUSE = 63;

/**
 * Decides when to look whether something is ready, where a look saves time only if it finds something. After each look that
 * finds nothing, twice as many chances pass without one. So looks cost almost nothing where events come one by one. A single
 * look that finds something makes the next ones due at once.
 */
export class Looks {
  /** How many chances pass after the last look, and how many of them are left. */
  #pause = 0;
  #left = 0;

  /** Whether to look at this chance. Call {@link Looks.note} after the look. */
  isDue(): boolean {
    if (this.#left === 0) {
      return true;
    }
    this.#left--;
    return false;
  }

  note(hasFound: boolean): void {
    this.#pause = hasFound ? 0 : Math.min(2 * this.#pause + 1, MAX_PAUSE);
    this.#left = this.#pause;
  }
}
