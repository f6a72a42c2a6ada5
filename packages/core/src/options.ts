// What users pass in: callbacks and options.

import type { EventSet } from './event-set.js';
import type { Poller } from './poller.js';
import type { Registration } from './registration.js';
import type { Timer } from './timer.js';

/**
 * Called with those of the wanted events that are ready. It may do anything: add, modify, delete, close fds, wait,
 * close the manager. It may return anything: `dispatch` yields the value, and a promise that rejects counts as a throw.
 *
 * The manager does not wait for a promise, unless you set `serial`: use that if the callback is async.
 */
// With `=> unknown`, `const it = manager.add(fd, IN, () => it.delete())` does not compile. With `=> void` alone,
// linters report async callbacks as mistakes.
export type EventCallback =
  | ((events: EventSet, registration: Registration) => void)
  | ((events: EventSet, registration: Registration) => PromiseLike<unknown>);

/** Called when a timer is due. It may do and return what an {@link EventCallback} may. */
export type TimerCallback = ((timer: Timer) => void) | ((timer: Timer) => PromiseLike<unknown>);

/** Called with each error that a callback throws, or that its promise rejects with, and the handle that belongs to the callback. */
export type ErrorHandler = (error: unknown, handle: Registration | Timer) => void;

/** Options of `EventManager`. */
export interface EventManagerOptions {
  /** Reports which fds are ready. The manager closes it when you close the manager. */
  readonly poller: Poller;
  /** Maximum number of events that one wait takes from the poller, from 1 to 134,217,727. Defaults to 256. */
  readonly capacity?: number | undefined;
  /**
   * Called with each error that a callback throws, or that its promise rejects with; then dispatch continues. Without
   * it, `wait` throws that error: for a throw the wait in which it happens, for a rejection the next wait. If the
   * handler itself throws, `wait` throws that.
   */
  readonly onError?: ErrorHandler | undefined;
}

/** The part of an `AbortSignal` that the manager uses. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Options of `EventManager.add`. */
export interface AddOptions {
  /** A name for logs and for inspection. */
  readonly label?: string | undefined;
  /** Deletes the registration when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
  /** Closes the fd object when the registration ends, for whatever reason. By default you close it yourself. */
  readonly own?: boolean | undefined;
  /**
   * Does not call an async callback again until its promise has settled. Events that come meanwhile are reported then:
   * level-triggered, if they are still true. Meanwhile the fd is not watched, unless it is edge-triggered. Defaults to
   * `false`.
   */
  readonly serial?: boolean | undefined;
}

/** Options of `EventManager.after` and `EventManager.every`. */
export interface TimerOptions {
  /** A name for logs and for inspection. */
  readonly label?: string | undefined;
  /** Cancels the timer when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * How much later the timer may be called, in milliseconds, so that it can share a wake-up with others. It is called
   * as soon as something else is dispatched after it is due. Defaults to 0.
   */
  readonly slackMs?: number | undefined;
}

/** Options of `EventManager.once`. */
export interface OnceOptions {
  /** Ends the waiting when it aborts: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignalLike | undefined;
  /** How long to wait, in milliseconds. Defaults to `Infinity`. */
  readonly timeoutMs?: number | undefined;
  /** With `false`, the promise fulfils with `undefined` after `timeoutMs`. By default it rejects. */
  readonly throwIfTimedOut?: boolean | undefined;
}

/** Options of `EventManager.on`. */
export interface OnOptions {
  /** Ends the iteration when it aborts: the pending step rejects with `signal.reason`. */
  readonly signal?: AbortSignalLike | undefined;
  /** How long each step waits, in milliseconds. Defaults to `Infinity`. */
  readonly timeoutMs?: number | undefined;
  /**
   * With `false`, a step yields `undefined` after `timeoutMs`, and the iteration goes on. By default the step rejects,
   * and the iteration ends.
   */
  readonly throwIfTimedOut?: boolean | undefined;
}

/**
 * The iterator that `EventManager.on` returns. Several steps can be pending; they get the events in order.
 *
 * @typeParam T - What a step yields: `undefined` only after a timeout, with `throwIfTimedOut: false`.
 */
export interface EventIterator<T extends EventSet | undefined = EventSet>
  extends AsyncIterator<T, undefined, undefined> {
  next(): Promise<IteratorResult<T, undefined>>;

  /** Ends the iteration at once, and stops watching for it. A pending step ends with `{ done: true }`. */
  return(value?: undefined): Promise<IteratorResult<T, undefined>>;

  /** Ends it in the same way. The first pending step rejects with the error or, if no step is pending, this call. */
  throw(error?: unknown): Promise<IteratorResult<T, undefined>>;

  [Symbol.asyncIterator](): this;
}

/** Options of `EventManager.run`. */
export interface RunOptions {
  /** Ends the run when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * With `'empty'`, the run also ends when there is no registration and no pending timer any more. This is checked in
   * the next turn of the host loop. So you can replace the last registration, or call `once` in a loop.
   */
  readonly until?: 'empty' | undefined;
}
