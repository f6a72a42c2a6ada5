import type { Entry } from './entry.js';
import type { EventSet } from './event-set.js';
import type { Observer } from './observer.js';
import type { ErrorHandler } from './options.js';
import type { Poller } from './poller.js';
import { ReadyBatch, WORDS_PER_ENTRY } from './ready-batch.js';
import type { Registration } from './registration.js';
import type { Registry } from './registry.js';
import { type DispatchStats, Tally, Totals, type WaitReport } from './tally.js';
import { isThenable } from './thenable.js';
import type { Timer } from './timer.js';
import type { TimerEntry } from './timer-entry.js';
import type { TimerQueue } from './timer-queue.js';

/** Returned when there is no result: the error handler took the error, or the batch is exhausted. */
const NONE: unique symbol = Symbol('none');

/**
 * Turns a batch into calls. The batch outlives the wait that filled it: when a callback throws or waits, the cursor has
 * passed the entry of that callback, and the next wait continues from there.
 *
 * ```text
 *   entries   ░░░░░░░░▓▓▓▓▓▓▓▓
 *             0       next    count
 * ```
 */
export class Dispatcher {
  readonly #poller: Poller;
  readonly #observer: Observer | undefined;
  readonly #registry: Registry;
  readonly #timers: TimerQueue;
  readonly #batch: ReadyBatch;
  readonly #words: Uint32Array;
  readonly #onError: ErrorHandler | undefined;
  readonly #rejections: unknown[] = [];
  /** Called when a rejection waits to be thrown by the next wait. */
  onRejection: (() => void) | undefined;
  readonly #last = new Tally();
  readonly #totals = new Totals();
  /** The tally of the next wait. A wait inside a wait finds none, and makes its own. */
  #spare: Tally | undefined = new Tally();
  #next = 0;
  #count = 0;
  /** The registry's revision when the batch was filled. */
  #revision = 0;
  /** Whether the poller reported an event that belonged to no registration even then. */
  #hasOrphan = false;
  /** Whether timers may be left of those that were due when the batch was filled. */
  #isInRound = false;

  constructor(poller: Poller, registry: Registry, timers: TimerQueue, capacity: number, onError?: ErrorHandler) {
    this.#poller = poller;
    this.#observer = poller.observer;
    this.#registry = registry;
    this.#timers = timers;
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

  /** How many waits have begun, including one whose callbacks are running. */
  get waitsBegun(): number {
    return this.#totals.waits + (this.#spare === undefined ? 1 : 0);
  }

  /** Whether the next wait has something to do before it asks the poller. */
  get hasLeftovers(): boolean {
    return this.#hasRest() || this.#registry.late.length > 0 || this.#rejections.length > 0;
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
    // The manager may have been closed between the call of dispatch() and the first step.
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
    const isRest = this.#hasRest();
    if (!isRest) {
      this.#poll(timeoutMs);
    }
    const tally = this.#spare ?? new Tally();
    this.#spare = undefined;
    const ready = this.#count - this.#next;
    const { cause } = this.#batch;
    const isForTimers =
      this.#isInRound && ready === 0 && (isRest || cause === 'timeout') && this.#timers.due !== undefined;
    tally.start(isForTimers ? 'timer' : cause, ready);
    return tally;
  }

  #hasRest(): boolean {
    return this.#next < this.#count || (this.#isInRound && this.#timers.due !== undefined);
  }

  #poll(timeoutMs: number): void {
    if (this.#hasOrphan) {
      this.#hasOrphan = false;
      this.#registry.rebuildPoller();
    }
    this.#revision = this.#registry.revision;
    this.#next = 0;
    this.#count = this.#registry.takeLate(this.#batch);
    const timers = this.#timers;
    if (this.#count === 0) {
      timers.isPolling = true;
      try {
        this.#count = this.#poller.wait(this.#batch, timers.size > 0 ? timers.limit(timeoutMs) : timeoutMs);
      } finally {
        timers.isPolling = false;
      }
    }
    if (timers.size > 0) {
      timers.beginRound(this.#batch.cause === 'timeout');
      this.#isInRound = true;
    }
  }

  /**
   * Dispatches the rest of the batch, or as much as gives one result. It is one loop that reads the words as they are:
   * spread over methods, it takes half as long again.
   */
  #serve(tally: Tally, isLazy: boolean): unknown {
    const words = this.#words;
    const { entries } = this.#registry;
    // A local variable, because V8 would write each count in the tally to memory.
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
          if (entry.pending) {
            this.#registry.defer(entry, words[at] as number);
          } else {
            this.#noteOrphan();
          }
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
    return this.#isInRound ? this.#serveTimers(tally, isLazy) : NONE;
  }

  /** Events come first, so that a callback that refreshes a timer is in time. */
  #serveTimers(tally: Tally, isLazy: boolean): unknown {
    for (let timer = this.#timers.take(); timer !== undefined; timer = this.#timers.take()) {
      tally.dispatched++;
      const result = this.#callTimer(timer);
      if (isLazy && result !== NONE) {
        return result;
      }
    }
    this.#isInRound = false;
    return NONE;
  }

  /** If nothing has changed since the batch was filled, the poller watches an orphan. */
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
      return this.#fail(error, entry);
    }
  }

  #callTimer(timer: TimerEntry): unknown {
    try {
      const { callback } = timer.request;
      const result: unknown = callback(timer);
      if (isThenable(result)) {
        this.#follow(result, timer);
      }
      return result;
    } catch (error) {
      return this.#fail(error, timer);
    }
  }

  #fail(error: unknown, handle: Registration | Timer): typeof NONE {
    this.#observer?.onError?.(error, handle);
    if (this.#onError === undefined) {
      throw error;
    }
    this.#onError(error, handle);
    return NONE;
  }

  /** Not part of #call, which would allocate on the heap for the variables that the closure captures. */
  #follow(promise: PromiseLike<unknown>, handle: Registration | Timer): void {
    promise.then(undefined, (error: unknown) => this.#reject(error, handle));
  }

  /** Treats a rejection like a throw: the error handler gets it, or the next wait throws it. */
  #reject(error: unknown, handle: Registration | Timer): void {
    this.#observer?.onError?.(error, handle);
    if (this.#onError !== undefined) {
      this.#onError(error, handle);
    } else if (this.#registry.closed) {
      // No wait will follow: the host reports it as an unhandled rejection.
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
    if (this.#hasRest() && !this.#registry.closed) {
      this.#poller.onLeftovers?.();
    }
  }
}
