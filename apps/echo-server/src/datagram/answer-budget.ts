import type { CallOff, Log, Timers } from '../ports.js';

const WINDOW_MS = 1000;
/** How many sources' worth of answers all sources together get. */
const TOTAL_FACTOR = 100;
/** A power of two. Two sources share a slot only by chance, and then share its answers. */
const SLOTS = 16 * 1024;

/**
 * How many datagrams are answered in a second, for each source and in total. Two echo servers that are made to answer each
 * other exceed it at once, and the datagram that went to and fro between them ends there.
 *
 * The counts have a fixed size, so that forged sources take no memory. No timer runs while nothing is answered.
 */
export class AnswerBudget {
  readonly #perSource: number;
  readonly #timers: Timers;
  readonly #log: Log;
  readonly #counts = new Uint32Array(SLOTS);
  /** Which sources share a slot cannot be told from outside. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  #total = 0;
  #isExceeded = false;
  #wasExceeded = false;
  #callOff: CallOff | undefined;

  /** @param perSource - At least 1; `Infinity` for any number. */
  constructor(perSource: number, timers: Timers, log: Log) {
    this.#perSource = perSource;
    this.#timers = timers;
    this.#log = log;
  }

  /** Counts an answer to a source; returns `false` if there must be none. */
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
    this.#callOff ??= this.#timers.after(WINDOW_MS, () => this.#renew());
    return true;
  }

  /** Ends the timer. */
  close(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #renew(): void {
    this.#callOff = undefined;
    this.#counts.fill(0);
    this.#total = 0;
    this.#wasExceeded = this.#isExceeded;
    this.#isExceeded = false;
  }

  /** A flood that lasts is reported at its beginning only. */
  #reportOnce(source: string): void {
    if (!this.#isExceeded && !this.#wasExceeded) {
      this.#log.warn('datagrams come too fast, and are not all answered', { source });
    }
    this.#isExceeded = true;
  }

  /** FNV-1a. */
  #slotOf(source: string): number {
    let hash = this.#seed;
    for (let i = 0; i < source.length; i++) {
      hash = Math.imul(hash ^ source.charCodeAt(i), 0x0100_0193);
    }
    return (hash ^ (hash >>> 16)) & (SLOTS - 1);
  }
}
