import { checkAdd, checkCapacity, checkPoller, checkTimeout } from './arguments.js';
import { checkFd, invalidType } from './check.js';
import { Dispatcher, type DispatchStats, type WaitReport } from './dispatcher.js';
import { closeFailed, notRegistered } from './errors.js';
import type { EventSet } from './event-set.js';
import type { Poller } from './poller.js';
import type { AddOptions, EventCallback, FdSource, OwnedFdSource, Registration } from './registration.js';
import { Registry } from './registry.js';

/** Options of {@link EventManager}. */
export interface EventManagerOptions {
  /** Where readiness comes from. The manager closes it when it is closed itself. */
  readonly poller: Poller;
  /** How many events one wait can take from the poller, from 1 to 134,217,727. 256 if not given. */
  readonly capacity?: number | undefined;
}

/**
 * Waits on file descriptors and calls back what is ready.
 *
 * @typeParam T - What the callbacks return.
 *
 * @example A manager on the Linux kernel
 * ```ts
 * import { EventManager, EventSet } from '@em/core';
 * import { EpollPoller, EventFd } from '@em/sys';
 *
 * using manager = new EventManager({ poller: new EpollPoller() });
 * using eventFd = new EventFd();
 *
 * manager.add(eventFd, EventSet.IN, (_events, registration) => {
 *   console.log('counted to', eventFd.read());
 *   registration.delete();
 * });
 *
 * eventFd.write(42n);
 * manager.wait();
 * ```
 */
export class EventManager<T = void> implements Iterable<Registration> {
  readonly #poller: Poller;
  readonly #registry: Registry<T>;
  readonly #dispatcher: Dispatcher<T>;

  /**
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if the poller lacks a method, or an option is of the wrong type.
   * @throws RangeError `ERR_OUT_OF_RANGE` if the capacity is.
   */
  constructor(options: EventManagerOptions) {
    if (typeof options !== 'object' || options === null) {
      throw invalidType('options', 'an object with a poller', options);
    }
    const { poller, capacity = 256 } = options;
    this.#poller = checkPoller(poller);
    this.#registry = new Registry<T>(poller);
    this.#dispatcher = new Dispatcher(poller, this.#registry, checkCapacity(capacity));
  }

  /** How many registrations there are, paused ones included. */
  get size(): number {
    return this.#registry.size;
  }

  /** What the wait that ended last did. One object, written anew by every wait. */
  get lastWait(): WaitReport {
    return this.#dispatcher.lastWait;
  }

  /** Totals over all waits. One object, kept up to date. */
  get stats(): DispatchStats {
    return this.#dispatcher.stats;
  }

  /**
   * Starts to watch a file descriptor. The callback is first called by the next wait, also when a callback adds.
   *
   * A number whose former file was closed without {@link EventManager.delete} can be added again; the registration that
   * had it ends.
   *
   * @param source - An fd, or anything that has one. It stays the caller's, unless `own` is given.
   * @param events - What to be told of. ERROR and HANG_UP are told in any case.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if an argument is not what it should be.
   * @throws EventManagerError `ERR_EM_CONFLICTING_EVENTS` if the kernel refuses this set of events.
   * @throws EventManagerError `ERR_EM_ALREADY_REGISTERED` if the fd is registered; that registration goes on.
   * @throws EventManagerError `ERR_EM_CLOSED` if the manager is closed.
   * @throws `signal.reason` if the signal is aborted already.
   * @throws The poller's error. With `EpollPoller`: `EBADF` if the fd is not open, `ERR_EM_NOT_POLLABLE` if it is of a
   * kind that epoll refuses, `ENOSPC` if the user's limit of watches is reached, `ELOOP` for epoll fds in a circle.
   */
  add(
    source: FdSource,
    events: EventSet,
    callback: EventCallback<T>,
    options?: AddOptions & { readonly own?: false | undefined },
  ): Registration;
  add(source: OwnedFdSource, events: EventSet, callback: EventCallback<T>, options?: AddOptions): Registration;
  add(source: FdSource, events: EventSet, callback: EventCallback<T>, options: AddOptions = {}): Registration {
    this.#registry.assertOpen('add');
    return this.#registry.add(checkAdd(source, events, callback, options));
  }

  /**
   * Replaces the interest of a registered fd. See {@link Registration.modify}.
   *
   * @throws EventManagerError `ERR_EM_NOT_REGISTERED` if there is none for this fd.
   */
  modify(fd: number, events: EventSet): void {
    this.#registry.assertOpen('modify');
    const registration = this.#registry.get(checkFd(fd));
    if (registration === undefined) {
      throw notRegistered('modify', fd, 'it is not registered');
    }
    registration.modify(events);
  }

  /**
   * Ends the registration of an fd. See {@link Registration.delete}.
   *
   * @returns Whether there was one.
   */
  delete(fd: number): boolean {
    this.#registry.assertOpen('delete');
    return this.#registry.get(checkFd(fd))?.delete() ?? false;
  }

  /** The registration of an fd. */
  get(fd: number): Registration | undefined {
    this.#registry.assertOpen('get');
    return this.#registry.get(checkFd(fd));
  }

  /** Whether an fd is registered. */
  has(fd: number): boolean {
    return this.get(fd) !== undefined;
  }

  /** The registrations, in order of fd. */
  [Symbol.iterator](): IterableIterator<Registration> {
    this.#registry.assertOpen('[Symbol.iterator]');
    return this.#registry[Symbol.iterator]();
  }

  /**
   * Blocks until something is ready, then calls the callbacks of all that is. Nothing else of this thread runs
   * meanwhile: no timer, no promise, no signal handler.
   *
   * A throw of a callback ends it with that very error. The events behind it are kept, and served by the next wait
   * before it asks the poller again. A wait inside a callback serves the rest of the batch first, too.
   *
   * @param timeoutMs - How long to block, in milliseconds; fractions count. 0 polls; `Infinity`, the default, blocks
   * for as long as it takes.
   * @returns How many callbacks were called. 0 when the time was up, when it was woken, or interrupted by a signal:
   * {@link EventManager.lastWait} says which.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if the timeout is no number, RangeError `ERR_OUT_OF_RANGE` if it is `NaN`
   * or negative.
   * @throws EventManagerError `ERR_EM_CLOSED` if the manager is closed.
   */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): number {
    this.#registry.assertOpen('wait');
    return this.#dispatcher.wait(checkTimeout(timeoutMs));
  }

  /** Makes the current wait, or else the next one, return at once. Any number of calls before it count as one. */
  wake(): void {
    this.#registry.assertOpen('wake');
    this.#poller.wake();
  }

  /**
   * Ends every registration, closes the sources that were given to own, and closes the poller. Inside a callback, what
   * is left of the batch is dropped. A second call does nothing.
   *
   * @throws AggregateError `ERR_EM_CLOSE_FAILED` with all that failed, after everything has been tried.
   */
  close(): void {
    this.#dispatcher.drop();
    const failures = this.#registry.close();
    if (failures.length > 0) {
      throw closeFailed(failures);
    }
  }

  /** The same as {@link EventManager.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
