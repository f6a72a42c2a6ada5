import type { Entry } from './entry.js';
import type { EventSet } from './event-set.js';
import type { Poller } from './poller.js';
import { ReadyBatch } from './ready-batch.js';
import type { Registration } from './registration.js';
import type { Registry } from './registry.js';
import { type DispatchStats, Tally, Totals, type WaitReport } from './tally.js';

/** Told of what a callback throws, or of what the promise that it returned is rejected with. */
export type ErrorHandler = (error: unknown, registration: Registration) => void;

/** In place of a result: the callback has thrown, and the error handler has dealt with it. */
const FAILED: unique symbol = Symbol('failed');

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
  readonly #poller: Poller;
  readonly #registry: Registry<T>;
  readonly #batch: ReadyBatch;
  readonly #onError: ErrorHandler | undefined;
  readonly #rejections: unknown[] = [];
  readonly #last = new Tally();
  readonly #totals = new Totals();
  /** For whoever waits next to count in. A wait inside a wait finds none and makes its own. */
  #spare: Tally | undefined;
  #next = 0;
  #count = 0;
  /** The registry's revision when the batch was filled. */
  #revision = 0;
  /** Whether an event has come that was meant for nobody even when the poller reported it. */
  #isOutOfStep = false;
  /** What is to be delivered of the entry that the cursor has just passed. */
  #events: EventSet = 0;

  constructor(poller: Poller, registry: Registry<T>, capacity: number, onError?: ErrorHandler) {
    this.#poller = poller;
    this.#registry = registry;
    this.#batch = new ReadyBatch(capacity);
    this.#onError = onError;
  }

  get lastWait(): WaitReport {
    return this.#last;
  }

  get stats(): DispatchStats {
    return this.#totals;
  }

  /** Whether the next wait has something to do without asking the poller. */
  get hasLeftovers(): boolean {
    return this.#next < this.#count || this.#rejections.length > 0;
  }

  wait(timeoutMs: number): number {
    const tally = this.#begin(timeoutMs);
    try {
      for (let entry = this.#advance(tally); entry !== undefined; entry = this.#advance(tally)) {
        this.#call(entry, this.#events);
      }
    } finally {
      this.#end(tally);
    }
    return tally.dispatched;
  }

  *dispatch(timeoutMs: number): Generator<T, void, undefined> {
    // The manager may have been closed between the making of the iterator and its first step.
    this.#registry.assertOpen('dispatch');
    const tally = this.#begin(timeoutMs);
    try {
      for (let entry = this.#advance(tally); entry !== undefined; entry = this.#advance(tally)) {
        const result = this.#call(entry, this.#events);
        if (result !== FAILED) {
          yield result;
        }
      }
    } finally {
      this.#end(tally);
    }
  }

  #begin(timeoutMs: number): Tally {
    if (this.#rejections.length > 0) {
      throw this.#rejections.shift();
    }
    if (this.#next === this.#count) {
      this.#poll(timeoutMs);
    }
    const tally = this.#spare ?? new Tally();
    this.#spare = undefined;
    tally.start(this.#batch.cause, this.#count - this.#next);
    return tally;
  }

  #poll(timeoutMs: number): void {
    if (this.#isOutOfStep) {
      this.#isOutOfStep = false;
      this.#registry.rebuildPoller();
    }
    this.#revision = this.#registry.revision;
    this.#next = this.#count = 0;
    this.#count = this.#poller.wait(this.#batch, timeoutMs);
  }

  /** Moves the cursor behind the next entry that somebody is to be called for. */
  #advance(tally: Tally): Entry<T> | undefined {
    const batch = this.#batch;
    while (this.#next < this.#count) {
      const index = this.#next++;
      const entry = this.#registry.get(batch.fd(index));
      if (entry === undefined || entry.generation !== batch.generation(index)) {
        tally.stale++;
        this.#noteStray();
        continue;
      }
      this.#events = batch.events(index) & entry.deliverable;
      if (this.#events === 0) {
        tally.masked++;
        this.#noteStray();
        continue;
      }
      tally.dispatched++;
      entry.fired = entry.oneShot;
      return entry;
    }
    return undefined;
  }

  /** If nothing has changed since the batch was filled, the poller watches what it was not told to watch. */
  #noteStray(): void {
    this.#isOutOfStep ||= this.#registry.revision === this.#revision;
  }

  #call(entry: Entry<T>, events: EventSet): T | typeof FAILED {
    try {
      const { callback } = entry;
      const result = callback(events, entry);
      if (isThenable(result)) {
        result.then(undefined, (error: unknown) => this.#reject(error, entry));
      }
      return result;
    } catch (error) {
      if (this.#onError === undefined) {
        throw error;
      }
      this.#onError(error, entry);
      return FAILED;
    }
  }

  /** A rejection takes the way of a throw: to the error handler, or out of the next wait. */
  #reject(error: unknown, entry: Entry<T>): void {
    if (this.#onError !== undefined) {
      this.#onError(error, entry);
    } else if (this.#registry.closed) {
      // There will be no next wait: leave it to the host as an unhandled rejection.
      throw error;
    } else {
      this.#rejections.push(error);
      this.#poller.wake();
    }
  }

  #end(tally: Tally): void {
    this.#last.set(tally);
    this.#totals.add(tally);
    this.#spare = tally;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}
