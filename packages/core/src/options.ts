// What users pass in: callbacks and options.

import type { EventSet } from './event-set.js';
import type { Poller } from './poller.js';
import type { Registration } from './registration.js';

/**
 * Called with the events that are ready and wanted. It may do anything: add, modify, delete, close fds, wait, close the
 * manager. It may return anything: `dispatch` yields the value, and a promise that rejects counts as a throw.
 */
// With `=> unknown`, `const it = manager.add(fd, IN, () => it.delete())` does not compile. With `=> void` alone, linters
// report async callbacks as mistakes.
export type EventCallback =
  | ((events: EventSet, registration: Registration) => void)
  | ((events: EventSet, registration: Registration) => PromiseLike<unknown>);

/** Told of what a callback throws, or of what the promise that it returned is rejected with. */
export type ErrorHandler = (error: unknown, registration: Registration) => void;

/** Options of `EventManager`. */
export interface EventManagerOptions {
  /** Where readiness comes from. The manager closes it when it is closed itself. */
  readonly poller: Poller;
  /** How many events one wait can take from the poller, from 1 to 134,217,727. 256 if not given. */
  readonly capacity?: number | undefined;
  /**
   * Told of what a callback throws, or its promise is rejected with; dispatch goes on. Without it, `wait` throws that
   * very error: for a throw the wait it happens in, for a rejection the next one. What the handler itself throws comes
   * out of `wait`.
   */
  readonly onError?: ErrorHandler | undefined;
}

/** The part of an `AbortSignal` that is used here. */
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
  /** Closes the source when the registration ends, however it ends. By default the source is borrowed. */
  readonly own?: boolean | undefined;
}

/** Options of `EventManager.on`. */
export interface OnOptions {
  /** Ends the waiting when it aborts: it is rejected with `signal.reason`. */
  readonly signal?: AbortSignalLike | undefined;
}

/** The iterator that `EventManager.on` returns. Several steps can be pending; they get the events in order. */
export interface EventIterator extends AsyncIterator<EventSet, undefined, undefined> {
  next(): Promise<IteratorResult<EventSet, undefined>>;

  /** Ends the iteration and its registration at once. A pending step ends with `{ done: true }`. */
  return(value?: undefined): Promise<IteratorResult<EventSet, undefined>>;

  /** Ends them in the same way; the first pending step is rejected with the error or, if there is none, this call. */
  throw(error?: unknown): Promise<IteratorResult<EventSet, undefined>>;

  [Symbol.asyncIterator](): this;
}

/** Options of `EventManager.once`. */
export interface OnceOptions extends OnOptions {
  /** How long to wait, in milliseconds; for as long as it takes if not given. */
  readonly timeoutMs?: number | undefined;
}

/** Options of `EventManager.run`. */
export interface RunOptions {
  /** Ends it when it aborts. */
  readonly signal?: AbortSignalLike | undefined;
}
