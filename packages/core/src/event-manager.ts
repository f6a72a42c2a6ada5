import { checkAdd, checkOnce, checkOptionalFunction, checkPoller, checkRun, checkTimeout } from './arguments.js';
import { checkFd, invalidType } from './check.js';
import { closeFailed } from './closing.js';
import { Dispatcher } from './dispatcher.js';
import { notRegistered, timedOut } from './errors.js';
import type { EventSet } from './event-set.js';
import { FdEvents } from './fd-events.js';
import type { ClosableFdObject, FdLike } from './fd-object.js';
import { type Group, RegistrationGroup } from './group.js';
import { showAs } from './inspect.js';
import type {
  AddOptions,
  EventCallback,
  EventIterator,
  EventManagerOptions,
  OnceOptions,
  OnOptions,
  RunOptions,
} from './options.js';
import type { Poller } from './poller.js';
import type { Registration } from './registration.js';
import { Registry } from './registry.js';
import { Runner } from './runner.js';
import type { DispatchStats, WaitReport } from './tally.js';
import { startTimer } from './timer.js';

/**
 * Waits on file descriptors and calls back what is ready.
 *
 * @example A manager on the Linux kernel
 * ```ts
 * import { EventFd, EventManager, EventSet } from '@em/sys';
 *
 * using manager = new EventManager();
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
export class EventManager implements Iterable<Registration> {
  readonly #poller: Poller;
  readonly #registry: Registry;
  readonly #dispatcher: Dispatcher;
  readonly #runner: Runner;

  /**
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if the poller lacks a method, or an option is of the wrong type.
   * @throws RangeError `ERR_OUT_OF_RANGE` if the capacity is.
   */
  constructor(options: EventManagerOptions) {
    if (typeof options !== 'object' || options === null) {
      throw invalidType('options', 'an object with a poller', options);
    }
    const { poller, capacity = 256, onError } = options;
    this.#poller = checkPoller(poller);
    this.#registry = new Registry(poller);
    checkOptionalFunction('options.onError', onError);
    this.#dispatcher = new Dispatcher(poller, this.#registry, capacity, onError);
    this.#runner = new Runner(poller, this.#registry, this.#dispatcher);
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#registry.closed;
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
   * @param fd - An fd, or anything that has one, which is held as long as it is registered. It stays the caller's,
   * unless `own` is given. One with a method `ON_ADD` is told of the registration.
   * @param events - What to be told of. ERROR and HANG_UP are told in any case.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if an argument is not what it should be.
   * @throws EventManagerError `ERR_EM_CONFLICTING_EVENTS` if the kernel refuses this set of events.
   * @throws EventManagerError `ERR_EM_ALREADY_REGISTERED` if the fd is registered; that registration goes on.
   * @throws EventManagerError `ERR_EM_CLOSED` if the manager is closed.
   * @throws `signal.reason` if the signal is aborted already, what `ON_ADD` of the fd object throws.
   * @throws The poller's error. With `EpollPoller`: `EBADF` if the fd is not open, `ERR_EM_NOT_POLLABLE` if it is of a
   * kind that epoll refuses, `ENOSPC` if the user's limit of watches is reached, `ELOOP` for epoll fds in a circle.
   */
  add(
    fd: FdLike,
    events: EventSet,
    callback: EventCallback,
    options?: AddOptions & { readonly own?: false | undefined },
  ): Registration;
  add(fd: ClosableFdObject, events: EventSet, callback: EventCallback, options?: AddOptions): Registration;
  add(fd: FdLike, events: EventSet, callback: EventCallback, options: AddOptions = {}): Registration {
    this.#registry.assertOpen('add');
    return this.#registry.add(checkAdd(fd, events, callback, options));
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
    this.#registry.assertOpen('has');
    return this.#registry.get(checkFd(fd)) !== undefined;
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

  /**
   * The lazy form of {@link EventManager.wait}: an iterator that asks the poller at its first step, calls one callback a
   * step and yields what it returned. Whoever breaks off leaves the rest to the next wait. A callback whose error went
   * to `onError` yields nothing.
   *
   * @typeParam R - What you know the callbacks to return. It is not checked.
   * @throws As {@link EventManager.wait} does; what a callback throws comes out of the step.
   *
   * @example All results, in order
   * ```ts
   * const lengths = [...manager.dispatch<number>(0)];
   * ```
   */
  dispatch<R = unknown>(timeoutMs: number = Number.POSITIVE_INFINITY): Generator<R, void, undefined> {
    this.#registry.assertOpen('dispatch');
    return this.#dispatcher.dispatch(checkTimeout(timeoutMs)) as Generator<R, void, undefined>;
  }

  /**
   * Makes a scope for registrations that belong together. See {@link Group}.
   *
   * @example A connection of two pipes
   * ```ts
   * const connection = manager.group();
   * connection.add(incoming, EventSet.IN, receive);
   * connection.add(outgoing, EventSet.OUT, send);
   * connection.close(); // ends both
   * ```
   */
  group(): Group {
    this.#registry.assertOpen('group');
    return new RegistrationGroup(this.#registry);
  }

  /**
   * Serves inside the event loop of the host, where timers, promises, servers and signal handlers go on as usual. Each
   * turn of that loop takes at most one batch.
   *
   * As long as there is a registration, it keeps the process alive, unless {@link EventManager.unref} was called.
   *
   * @returns Fulfilled once it is ended by {@link EventManager.stop}, the signal, or {@link EventManager.close}. Rejected
   * with what a callback throws or its promise is rejected with, if there is no `onError`; it can be called again then,
   * and goes on with the next event.
   * @throws (as a rejection) EventManagerError `ERR_EM_ALREADY_RUNNING` if it is under way, `ERR_EM_CANNOT_ATTACH` if
   * the poller knows no host loop, `ERR_EM_CLOSED` if the manager is closed; TypeError `ERR_INVALID_ARG_TYPE`.
   *
   * @example A server that ends on Ctrl-C
   * ```ts
   * process.once('SIGINT', () => manager.stop());
   * await manager.run();
   * ```
   */
  async run(options: RunOptions = {}): Promise<void> {
    this.#registry.assertOpen('run');
    await this.#runner.run(checkRun(options));
  }

  /** Ends {@link EventManager.run}, also inside a callback; what is left of the batch is served when it is next called. */
  stop(): void {
    this.#registry.assertOpen('stop');
    this.#runner.stop();
  }

  /** Has {@link EventManager.run} keep the process alive as long as there is a registration, as it does at first. */
  ref(): this {
    this.#runner.hasRef = true;
    return this;
  }

  /** Lets the process end although {@link EventManager.run} is under way and there are registrations. */
  unref(): this {
    this.#runner.hasRef = false;
    return this;
  }

  /** Whether {@link EventManager.run} keeps the process alive as long as there is a registration. */
  hasRef(): boolean {
    return this.#runner.hasRef;
  }

  /**
   * Waits for one event of an fd that is not registered. Somebody must serve the manager meanwhile: `run`, or a loop
   * of waits that lets promises have their turn.
   *
   * @returns Fulfilled with the events.
   * @throws (as a rejection) What {@link EventManager.add} throws; `signal.reason`; EventManagerError `ERR_EM_TIMEOUT`
   * when `timeoutMs` are over, `ERR_EM_CLOSED` when the manager is closed meanwhile, `ERR_EM_NOT_REGISTERED` when the
   * registration is deleted by number, or by an fd object that is closed. The fd is not registered any more in any case.
   */
  async once(fd: FdLike, events: EventSet, options: OnceOptions = {}): Promise<EventSet> {
    this.#registry.assertOpen('once');
    const request = checkOnce(fd, events, options);
    const { timeoutMs } = request;
    const waiting = new FdEvents(this.#registry, request);
    const callOff = startTimer(timeoutMs, () => void waiting.throw(timedOut(request.fd, timeoutMs)));
    try {
      const { value } = await waiting.next();
      return value as EventSet;
    } finally {
      callOff();
      await waiting.return();
    }
  }

  /**
   * Iterates over the events of an fd that is not registered, one event per step. The fd is armed only while a step is
   * pending: the next step reports, once, what came meanwhile. The fd is registered from the first step until the iteration
   * ends: by `break`, by `return()`, which ends a pending step too, or by an error.
   *
   * @throws (as a rejection of the step) As {@link EventManager.once}.
   *
   * @example Reading as fast as it can be coped with
   * ```ts
   * for await (const events of manager.on(socket, EventSet.IN)) {
   *   await handle(socket.read(buffer));
   * }
   * ```
   */
  on(fd: FdLike, events: EventSet, options: OnOptions = {}): EventIterator {
    this.#registry.assertOpen('on');
    return new FdEvents(this.#registry, checkOnce(fd, events, options));
  }

  /** Makes the current wait, or else the next one, return at once. Any number of calls before it count as one. */
  wake(): void {
    this.#registry.assertOpen('wake');
    this.#poller.wake();
  }

  /**
   * Ends every registration, closes the fd objects that it owns, and closes the poller. Inside a callback, what
   * is left of the batch counts as stale. A second call does nothing.
   *
   * @throws AggregateError `ERR_EM_CLOSE_FAILED` with all that failed, after everything has been tried.
   */
  close(): void {
    this.#runner.stop();
    const failures = this.#registry.close();
    if (failures.length > 0) {
      throw closeFailed('the event manager', failures);
    }
  }

  /** The same as {@link EventManager.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

showAs(EventManager, (manager, inspect) => {
  const { size, lastWait, stats } = manager;
  const registrations = manager.closed ? [] : [...manager];
  return `EventManager ${inspect({ size, closed: manager.closed, lastWait: { ...lastWait }, stats: { ...stats }, registrations })}`;
});
