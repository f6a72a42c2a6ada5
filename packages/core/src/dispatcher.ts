import type { Poller } from './poller.js';
import { ReadyBatch, type WaitCause } from './ready-batch.js';
import type { Registry } from './registry.js';

/** What one wait did. */
export interface WaitReport {
  /** Why it came back. */
  readonly cause: WaitCause;
  /** How many entries it found: those the poller reported, or those that an earlier wait had left. */
  readonly ready: number;
  /** How many callbacks it called. */
  readonly dispatched: number;
  /** How many entries were for a registration that had ended. */
  readonly stale: number;
  /** How many entries had no event left that their registration is interested in now. */
  readonly masked: number;
}

/** Running totals since the manager was made. */
export interface DispatchStats {
  /** How many waits have ended. */
  readonly waits: number;
  /** How many callbacks were called. */
  readonly dispatched: number;
  /** How many entries were for a registration that had ended. */
  readonly stale: number;
  /** How many entries had no event left that their registration was interested in. */
  readonly masked: number;
}

type Mutable<R> = { -readonly [K in keyof R]: R[K] };

/**
 * Turns a batch into calls. The batch outlives the wait that filled it: where a callback throws or waits itself, the
 * cursor stands behind the entry it was called for, and whoever waits next goes on from there.
 *
 * ```text
 *   entries   ░░░░░░░░▓▓▓▓▓▓▓▓
 *             0       next    count
 * ```
 */
export class Dispatcher<T> {
  readonly lastWait: Mutable<WaitReport> = {
    cause: 'timeout',
    ready: 0,
    dispatched: 0,
    stale: 0,
    masked: 0,
  };
  readonly stats: Mutable<DispatchStats> = {
    waits: 0,
    dispatched: 0,
    stale: 0,
    masked: 0,
  };
  readonly #poller: Poller;
  readonly #registry: Registry<T>;
  readonly #batch: ReadyBatch;
  #next = 0;
  #count = 0;

  constructor(poller: Poller, registry: Registry<T>, capacity: number) {
    this.#poller = poller;
    this.#registry = registry;
    this.#batch = new ReadyBatch(capacity);
  }

  get capacity(): number {
    return this.#batch.capacity;
  }

  wait(timeoutMs: number): number {
    const registry = this.#registry;
    const batch = this.#batch;
    if (this.#next === this.#count) {
      this.#next = this.#count = 0;
      this.#count = this.#poller.wait(batch, timeoutMs);
    }
    const { cause } = batch;
    const ready = this.#count - this.#next;
    let dispatched = 0;
    let stale = 0;
    let masked = 0;
    try {
      while (this.#next < this.#count) {
        const index = this.#next++;
        const entry = registry.get(batch.fd(index));
        if (entry === undefined || entry.generation !== batch.generation(index)) {
          stale++;
          continue;
        }
        const events = batch.events(index) & entry.deliverable;
        if (events === 0) {
          masked++;
          continue;
        }
        dispatched++;
        const { callback } = entry;
        callback(events, entry);
      }
    } finally {
      this.#report(cause, ready, dispatched, stale, masked);
    }
    return dispatched;
  }

  /** Forgets what is left of the batch. */
  drop(): void {
    this.#next = this.#count = 0;
  }

  #report(cause: WaitCause, ready: number, dispatched: number, stale: number, masked: number): void {
    const { lastWait, stats } = this;
    lastWait.cause = cause;
    lastWait.ready = ready;
    lastWait.dispatched = dispatched;
    lastWait.stale = stale;
    lastWait.masked = masked;
    stats.waits++;
    stats.dispatched += dispatched;
    stats.stale += stale;
    stats.masked += masked;
  }
}
