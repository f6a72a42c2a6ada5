import type { Entry } from './entry.js';
import type { EventSet } from './event-set.js';
import type { ErrorHandler } from './options.js';
import type { Poller } from './poller.js';
import { ReadyBatch, WORDS_PER_ENTRY } from './ready-batch.js';
import type { Registry } from './registry.js';
import { type DispatchStats, Tally, Totals, type WaitReport } from './tally.js';

/** In place of a result: the callback has thrown and the error handler has dealt with it, or nobody is left to be called. */
const NONE: unique symbol = Symbol('none');

/**
 * Turns a batch into calls. The batch outlives the wait that filled it: where a callback throws or waits itself, the
 * cursor stands behind the entry it was called for, and whoever waits next goes on from there.
 *
 * ```text
 *   entries   ░░░░░░░░▓▓▓▓▓▓▓▓
 *             0       next    count
 * ```
 */
export class Dispatcher {
  readonly #poller: Poller;
  readonly #registry: Registry;
  readonly #batch: ReadyBatch;
  readonly #words: Uint32Array;
  readonly #onError: ErrorHandler | undefined;
  readonly #rejections: unknown[] = [];
  /** Called when a rejection waits to be thrown by the next wait. */
  onRejection: (() => void) | undefined;
  readonly #last = new Tally();
  readonly #totals = new Totals();
  /** For whoever waits next to count in. A wait inside a wait finds none and makes its own. */
  #spare: Tally | undefined;
  #next = 0;
  #count = 0;
  /** The registry's revision when the batch was filled. */
  #revision = 0;
  /** Whether an event has come that was meant for nobody even when the poller reported it. */
  #hasOrphan = false;

  constructor(poller: Poller, registry: Registry, capacity: number, onError?: ErrorHandler) {
    this.#poller = poller;
    this.#registry = registry;
    this.#batch = new ReadyBatch(capacity);
    this.#words = new Uint32Array(this.#batch.buffer);
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
      this.#serve(tally, false);
    } finally {
      this.#end(tally);
    }
    return tally.dispatched;
  }

  *dispatch(timeoutMs: number): Generator<unknown, void, undefined> {
    // The manager may have been closed between the making of the iterator and its first step.
    this.#registry.assertOpen('dispatch');
    const tally = this.#begin(timeoutMs);
    try {
      for (let result = this.#serve(tally, true); result !== NONE; result = this.#serve(tally, true)) {
        yield result;
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
    if (this.#hasOrphan) {
      this.#hasOrphan = false;
      this.#registry.rebuildPoller();
    }
    this.#revision = this.#registry.revision;
    this.#next = this.#count = 0;
    this.#count = this.#poller.wait(this.#batch, timeoutMs);
  }

  /**
   * Calls back for what is left of the batch, or for one result of it. One loop that takes the words as they are: spread
   * over methods it costs half as much again.
   */
  #serve(tally: Tally, isLazy: boolean): unknown {
    const words = this.#words;
    const { entries } = this.#registry;
    // Counted here and not in the tally, where V8 would write each count to memory.
    let dispatched = 0;
    try {
      while (this.#next < this.#count) {
        const at = this.#next++ * WORDS_PER_ENTRY;
        const entry = entries.get(words[at + 1] as number);
        if (entry === undefined || entry.generation !== words[at + 2]) {
          tally.stale++;
          this.#noteOrphan();
          continue;
        }
        const events = (words[at] as number) & entry.deliverable;
        if (events === 0) {
          tally.masked++;
          this.#noteOrphan();
          continue;
        }
        dispatched++;
        if (entry.oneShot) {
          entry.state = 'fired';
        }
        const result = this.#call(entry, events);
        if (isLazy && result !== NONE) {
          return result;
        }
      }
    } finally {
      tally.dispatched += dispatched;
    }
    return NONE;
  }

  /** If nothing has changed since the batch was filled, the poller watches what it was not told to watch. */
  #noteOrphan(): void {
    this.#hasOrphan ||= this.#registry.revision === this.#revision;
  }

  #call(entry: Entry, events: EventSet): unknown {
    try {
      const { callback } = entry;
      const result: unknown = callback(events, entry);
      if (isThenable(result)) {
        this.#follow(result, entry);
      }
      return result;
    } catch (error) {
      if (this.#onError === undefined) {
        throw error;
      }
      this.#onError(error, entry);
      return NONE;
    }
  }

  /** Apart from the call, which would make room on the heap for what a function made in it captures. */
  #follow(promise: PromiseLike<unknown>, entry: Entry): void {
    promise.then(undefined, (error: unknown) => this.#reject(error, entry));
  }

  /** A rejection takes the way of a throw: to the error handler, or out of the next wait. */
  #reject(error: unknown, entry: Entry): void {
    if (this.#onError !== undefined) {
      this.#onError(error, entry);
    } else if (this.#registry.closed) {
      // There will be no next wait: leave it to the host as an unhandled rejection.
      throw error;
    } else {
      // No wait blocks meanwhile: promises run only between waits. So nothing has to be woken but what drives the manager.
      this.#rejections.push(error);
      this.onRejection?.();
      this.#poller.onLeftovers?.();
    }
  }

  #end(tally: Tally): void {
    this.#last.set(tally);
    this.#totals.add(tally);
    this.#spare = tally;
    if (this.#next < this.#count && !this.#registry.closed) {
      this.#poller.onLeftovers?.();
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}
