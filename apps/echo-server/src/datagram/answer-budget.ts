import type { EventManager, Timer } from '@em/core';
import type { Log } from '../context.js';

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
  readonly #manager: EventManager;
  readonly #log: Log;
  readonly #counts = new Uint32Array(SLOTS);
  /** Hash the sources with it. Random, so that a sender cannot know which sources share a slot. */
  readonly seed: number = Math.floor(Math.random() * 2 ** 31);
  #total = 0;
  #isExceeded = false;
  #wasExceeded = false;
  #timer: Timer | undefined;

  /** @param perSource - At least 1; `Infinity` for no limit. */
  constructor(perSource: number, manager: EventManager, log: Log) {
    this.#perSource = perSource;
    this.#manager = manager;
    this.#log = log;
  }

  /**
   * Counts answers to a source.
   *
   * @param source - A hash of its address.
   * @param wanted - The number of answers.
   * @param describe - Returns the source as text, for the log.
   * @returns How many of them the limit allows.
   */
  take(source: number, wanted: number, describe: () => string): number {
    if (this.#perSource === Number.POSITIVE_INFINITY) {
      return wanted;
    }
    const slot = source & (SLOTS - 1);
    const count = this.#counts[slot] ?? 0;
    const allowed = Math.min(wanted, this.#perSource - count, this.#perSource * TOTAL_FACTOR - this.#total);
    if (allowed < wanted) {
      this.#reportOnce(describe);
    }
    this.#counts[slot] = count + allowed;
    this.#total += allowed;
    this.#timer ??= this.#manager.after(WINDOW_MS, () => this.#renew());
    return allowed;
  }

  /** Stops the timer. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #renew(): void {
    this.#timer = undefined;
    this.#counts.fill(0);
    this.#total = 0;
    this.#wasExceeded = this.#isExceeded;
    this.#isExceeded = false;
  }

  /** Reports a flood only when it begins. */
  #reportOnce(describe: () => string): void {
    if (!this.#isExceeded && !this.#wasExceeded) {
      this.#log.warn('datagrams arrive too fast, not all are answered', { source: describe() });
    }
    this.#isExceeded = true;
  }
}
