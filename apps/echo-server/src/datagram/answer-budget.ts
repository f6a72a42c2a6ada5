import type { Cancel, Log, Timers } from '../ports.js';

const WINDOW_MS = 1000;
/** All sources together get this times the answers of one source. */
const TOTAL_FACTOR = 100;
/** A power of two. Sources that have the same slot by chance share its answers. */
const SLOTS = 16 * 1024;

/**
 * Limits the answers per second, for each source and in total. Two echo servers that a forged datagram makes answer each
 * other soon exceed the limit, and the exchange ends.
 *
 * The counts have a fixed size, so that forged sources use no memory. No timer runs while nothing is answered.
 */
export class AnswerBudget {
  readonly #perSource: number;
  readonly #timers: Timers;
  readonly #log: Log;
  readonly #counts = new Uint32Array(SLOTS);
  /** Random, so that a sender cannot know which sources share a slot. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  #total = 0;
  #isExceeded = false;
  #wasExceeded = false;
  #cancel: Cancel | undefined;

  /** @param perSource - At least 1; `Infinity` for no limit. */
  constructor(perSource: number, timers: Timers, log: Log) {
    this.#perSource = perSource;
    this.#timers = timers;
    this.#log = log;
  }

  /** Counts an answer to a source. Returns `false` if the limit does not allow it. */
  take(source: string): boolean {
    if (this.#perSource === Number.POSITIVE_INFINITY) {
      return true;
    }
    const slot = this.#slotOf(source);
    const count = this.#counts[slot] ?? 0;
    if (count >= this.#perSource || this.#total >= this.#perSource * TOTAL_FACTOR) {
      this.#reportOnce(source);
      return false;
    }
    this.#counts[slot] = count + 1;
    this.#total++;
    this.#cancel ??= this.#timers.after(WINDOW_MS, () => this.#renew());
    return true;
  }

  /** Stops the timer. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #renew(): void {
    this.#cancel = undefined;
    this.#counts.fill(0);
    this.#total = 0;
    this.#wasExceeded = this.#isExceeded;
    this.#isExceeded = false;
  }

  /** Reports a flood only when it begins. */
  #reportOnce(source: string): void {
    if (!this.#isExceeded && !this.#wasExceeded) {
      this.#log.warn('datagrams arrive too fast, not all are answered', { source });
    }
    this.#isExceeded = true;
  }

  /** Hashes with FNV-1a. */
  #slotOf(source: string): number {
    let hash = this.#seed;
    for (let i = 0; i < source.length; i++) {
      hash = Math.imul(hash ^ source.charCodeAt(i), 0x0100_0193);
    }
    return (hash ^ (hash >>> 16)) & (SLOTS - 1);
  }
}
