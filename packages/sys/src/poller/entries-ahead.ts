import type { ReadyBatch } from '@em/core';
import { Looks } from './looks.js';

const WORDS_PER_ENTRY = 3;
/** Maximum number of entries that one look finds. Once a turn has delivered as many, it ends. */
const MAX_ENTRIES = 64;
/** Maximum number of calls in one turn of the host loop, so that everything else in that loop gets its turn. */
const MAX_CALLS = 4;

/**
 * What the addon finds ready after a call of `onReady`, before the turn of the host loop ends.
 *
 * A turn of the host loop costs more than a wait. So after a call, the addon looks once more, and calls again if it finds
 * something:
 *
 * ```text
 *   turn:  onReady ──► look: 1 entry ──► onReady ──► look: nothing
 * ```
 *
 * {@link Looks} makes looks cost almost nothing where events come one by one. They save most of the turns where something
 * is ready all the time.
 */
export class EntriesAhead {
  /** Filled by the addon. */
  readonly buffer: ArrayBuffer;
  readonly #words: Uint32Array;
  /** The entries that were found and not taken yet. */
  #from = 0;
  #count = 0;
  /** How many calls this turn has made, and how many entries it has delivered. */
  #calls = 0;
  #delivered = 0;
  #hasLooked = false;
  readonly #looks = new Looks();
  #capacity = 0;

  constructor() {
    this.buffer = new ArrayBuffer(MAX_ENTRIES * WORDS_PER_ENTRY * Uint32Array.BYTES_PER_ELEMENT);
    this.#words = new Uint32Array(this.buffer);
  }

  /** Whether there are entries to take. */
  get hasEntries(): boolean {
    return this.#count > 0;
  }

  /**
   * Calls `onReady`.
   *
   * @param found - How many entries the addon has found. 0 in the first call of a turn.
   * @param onReady - Returns whether the turn may go on.
   * @returns How many entries the addon should look for, to call again if it finds any. 0 ends the turn.
   */
  serve(found: number, onReady: () => boolean): number {
    if (this.#hasLooked) {
      this.#looks.note(found > 0);
      this.#hasLooked = false;
    }
    if (found > 0) {
      this.#calls++;
      this.#count = found;
    } else {
      this.#calls = 1;
      this.#delivered = 0;
    }
    if (!onReady() || this.#calls === MAX_CALLS || this.#delivered >= MAX_ENTRIES || !this.#looks.isDue()) {
      return 0;
    }
    this.#hasLooked = true;
    return Math.min(this.#capacity, MAX_ENTRIES);
  }

  /** Moves entries to a batch. Returns how many. */
  take(batch: ReadyBatch): number {
    const words = this.#words;
    const taken = Math.min(this.#count - this.#from, batch.capacity);
    for (let index = 0; index < taken; index++) {
      const at = this.#from++ * WORDS_PER_ENTRY;
      batch.set(index, words[at + 1] as number, words[at] as number, words[at + 2] as number);
    }
    if (this.#from === this.#count) {
      this.clear();
    }
    return taken;
  }

  /** Call it for each wait. */
  noteWait(capacity: number, delivered: number): void {
    this.#capacity = capacity;
    this.#delivered += delivered;
  }

  clear(): void {
    this.#from = this.#count = 0;
  }
}
