import { checkAdd, checkObject, checkOnce, checkPoller, checkRun, checkTimeout, checkTimer } from './arguments.js';
import { checkFd, checkFunction } from './check.js';
import { closeFailed } from './closing.js';
import { Dispatcher } from './dispatcher.js';
import { Drive } from './drive.js';
import { notRegistered } from './errors.js';
import type { EventSet } from './event-set.js';
import { FdEvents, FdTask } from './fd-events.js';
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
  TimerCallback,
  TimerOptions,
} from './options.js';
import type { Poller } from './poller.js';
import type { Registration } from './registration.js';
import { Registry } from './registry.js';
import { Runner } from './runner.js';
import type { DispatchStats, WaitReport } from './tally.js';
import type { Timer } from './timer.js';
import { TimerQueue } from './timer-queue.js';

declare const performance: { now(): number };

/**
 * Waits for events of file descriptors, and calls the callbacks of those that are ready.
 *
 * After {@link EventManager.close}, every method throws EventManagerError `ERR_EM_CLOSED`, or rejects with it, except
 * `close`, `ref`, `unref` and `hasRef`.
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
  readonly #timers: TimerQueue;
  readonly #dispatcher: Dispatcher;
  readonly #runner: Runner;
  readonly #drive: Drive;

  /**
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if the poller lacks a method, or an option is of the wrong type.
   * @throws RangeError `ERR_OUT_OF_RANGE` if the capacity is out of range.
   */
  constructor(options: EventManagerOptions) {
    checkObject('options', options, 'an object with a poller');
    const { poller, capacity = 256, onError } = options;
    this.#poller = checkPoller(poller);
    this.#registry = new Registry(poller);
    this.#timers = new TimerQueue(() => poller.nowMs ?? performance.now(), poller.observer);
    if (onError !== undefined) {
      checkFunction('options.onError', onError);
    }
    this.#dispatcher = new Dispatcher(poller, this.#registry, this.#timers, capacity, onError);
    this.#runner = new Runner(poller, this.#registry, this.#timers, this.#dispatcher);
    const hasClock = poller.nowMs !== undefined;
    this.#drive = new Drive(this.#registry, this.#dispatcher, this.#runner, this.#timers, hasClock);
  }

  /** Whether the manager is closed. */
  get closed(): boolean {
    return this.#registry.closed;
  }

  /** Number of registrations, including paused ones. */
  get size(): number {
    return this.#registry.size;
  }

  /** What the last wait did. Always the same object: each wait overwrites it. */
  get lastWait(): WaitReport {
    return this.#dispatcher.lastWait;
  }

  /** Totals over all waits. Always the same object: each wait updates it. */
  get stats(): DispatchStats {
    return this.#dispatcher.stats;
  }

  /**
   * Starts to watch an fd. The next wait is the first to call the callback, even if you add inside a callback.
   *
   * If a file was closed without {@link EventManager.delete}, you can add its number again. The registration of the
   * closed file then ends.
   *
   * @param fd - An fd, or an object that has one. The manager holds the object while it is registered, and closes it
   * only if you set `own`. If it has a method `ON_ADD`, `add` calls that with the registration.
   * @param events - The events that you want. ERROR and HANG_UP are always reported.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if an argument is wrong.
   * @throws EventManagerError `ERR_EM_CONFLICTING_EVENTS` if the kernel refuses this set of events.
   * @throws EventManagerError `ERR_EM_ALREADY_REGISTERED` if the fd is registered. That registration is not affected.
   * @throws `signal.reason` if the signal is aborted already.
   * @throws What `ON_ADD` of the fd object throws.
   * @throws The poller's error. With `EpollPoller`: `EBADF` if the fd is not open, `ERR_EM_NOT_POLLABLE` if epoll
   * refuses this kind of file, `ENOSPC` if the user has reached the limit of watches, `ELOOP` for epoll fds in a
   * circle.
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
   * @throws EventManagerError `ERR_EM_NOT_REGISTERED` if the fd is not registered.
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
   * @returns Whether the fd was registered.
   */
  delete(fd: number): boolean {
    this.#registry.assertOpen('delete');
    return this.#registry.get(checkFd(fd))?.delete() ?? false;
  }

  /** The registration of an fd, if it has one. */
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
   * Blocks until an fd is ready or a timer of the manager is due, then calls the callbacks of all that are. Nothing else
   * of this thread runs while it blocks: no `setTimeout`, no promise, no signal handler.
   *
   * If a callback throws, `wait` throws that error. It keeps the rest of the batch, and the next wait dispatches it
   * before it asks the poller again. A wait inside a callback also dispatches the rest of the batch first.
   *
   * @param timeoutMs - How long to block, in milliseconds, with fractions. 0 polls. Defaults to `Infinity`.
   * @returns How many callbacks it called. 0 after a timeout, a wake, or an interrupting signal:
   * {@link EventManager.lastWait} says which.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if the timeout is not a number, RangeError `ERR_OUT_OF_RANGE` if it is
   * `NaN` or negative.
   * @throws What a callback throws, and what an earlier promise of a callback rejected with, if there is no `onError`.
   */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): number {
    this.#registry.assertOpen('wait');
    return this.#dispatcher.wait(checkTimeout(timeoutMs));
  }

  /**
   * The lazy form of {@link EventManager.wait}: an iterator that asks the poller at its first step, calls one callback
   * per step, and yields what it returned, the results of timers last. If you stop early, the next wait dispatches the
   * rest. A callback whose error went to `onError` yields nothing.
   *
   * @typeParam R - What you know the callbacks to return. It is not checked.
   * @throws The errors of {@link EventManager.wait}; if a callback throws, the step throws that error.
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
   * Calls back once, after a delay. Timers need neither an fd nor a system call, and work however the manager is driven:
   * a wait ends when the next timer is due. They are called in the order in which they are due, after the callbacks of
   * the fds that are ready, and never early. A timer that a callback sets is called by the next wait at the earliest.
   *
   * While a timer is pending, `run` keeps the process alive, unless you call {@link EventManager.unref}.
   *
   * @param delayMs - Finite, at least 0, in milliseconds, with fractions.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if an argument is wrong.
   * @throws `signal.reason` if the signal is aborted already.
   *
   * @example Close a connection that is silent
   * ```ts
   * const idle = manager.after(30_000, () => connection.close());
   * manager.add(socket, EventSet.IN, () => {
   *   idle.refresh();
   *   // …
   * });
   * ```
   */
  after(delayMs: number, callback: TimerCallback, options: TimerOptions = {}): Timer {
    return this.#timers.start('after', checkTimer('after', delayMs, callback, options));
  }

  /**
   * Calls back again and again, once per period. If a call is late, the later ones still come at multiples of the period,
   * and missed periods are skipped. See {@link EventManager.after}.
   *
   * @param periodMs - Finite, greater than 0, in milliseconds, with fractions.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if an argument is wrong.
   * @throws `signal.reason` if the signal is aborted already.
   */
  every(periodMs: number, callback: TimerCallback, options: TimerOptions = {}): Timer {
    return this.#timers.start('every', checkTimer('every', periodMs, callback, options));
  }

  /**
   * The time at which the manager must be driven again for its timers: when the next timer is due, plus its slack. It is
   * a time of `performance.now()`, or of the clock of the poller. `Infinity` if no timer is pending.
   */
  get nextDeadline(): number {
    return this.#timers.nextDeadline;
  }

  /**
   * Groups registrations and timers, so that one call ends them all. See {@link Group}.
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
    return new RegistrationGroup(this.#registry, this.#timers);
  }

  /**
   * Dispatches events inside the event loop of the host, where timers, promises, servers and signal handlers run as
   * usual. Each turn of that loop dispatches a few batches at most.
   *
   * It keeps the process alive while there is a registration or a timer, unless you call {@link EventManager.unref}, or
   * {@link Registration.unref} of each registration. If nothing keeps the process alive, the process ends although the
   * promise of `run` is pending. If the program awaits that promise at the top level, Node then exits with code 13. To
   * continue after the last registration and timer have ended, use `until: 'empty'`.
   *
   * @returns A promise that fulfils after {@link EventManager.stop}, the abort of the signal, or
   * {@link EventManager.close}; with `until: 'empty'` also after the last registration and timer have ended. If there is
   * no `onError`, it rejects with what a callback throws, or with what the promise of a callback rejects with. You can
   * then call `run` again: it continues with the next event.
   * @throws (as a rejection) EventManagerError `ERR_EM_ALREADY_RUNNING` if it runs already, `ERR_EM_CANNOT_ATTACH` if
   * the poller cannot attach to a host loop; TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if an
   * option is wrong.
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

  /**
   * Ends {@link EventManager.run}, also inside a callback. The next `run` or `wait` dispatches the rest of the batch.
   */
  stop(): void {
    this.#registry.assertOpen('stop');
    this.#runner.stop();
  }

  /**
   * Makes {@link EventManager.run} keep the process alive while there is a registration or a timer. This is the default.
   */
  ref(): this {
    this.#runner.hasRef = true;
    return this;
  }

  /**
   * Lets the process end although {@link EventManager.run} runs and there are registrations or timers. Do not await `run` at the top
   * level then: Node exits with code 13 if the process ends while a top-level `await` is pending.
   */
  unref(): this {
    this.#runner.hasRef = false;
    return this;
  }

  /**
   * Whether {@link EventManager.run} keeps the process alive while there is a registration or a timer. See also
   * {@link Registration.hasRef}.
   */
  hasRef(): boolean {
    return this.#runner.hasRef;
  }

  /**
   * Waits for one event of an fd. Drive the manager meanwhile: call `run`, or `wait` in a loop that lets promises run in
   * between. If nothing drives it for a while, the process emits a warning, once per manager.
   *
   * Several calls of `once` and `on` can wait for one fd at the same time, for example a reader and a writer of one
   * socket. Each gets its own events, and ERROR and HANG_UP. Two that wait for the same event both get it. The fd must not
   * be registered by {@link EventManager.add}.
   *
   * @returns The events; `undefined` after `timeoutMs`, if you set `throwIfTimedOut` to `false`. Afterwards the fd is not
   * registered, unless others wait for it. The same holds if the promise rejects.
   * @throws (as a rejection) What {@link EventManager.add} throws; `signal.reason`; EventManagerError `ERR_EM_TIMEOUT`
   * after `timeoutMs`, `ERR_EM_CLOSED` when the manager is closed, `ERR_EM_NOT_REGISTERED` when the fd is deleted, or
   * its fd object closed.
   *
   * @example Wait until nothing has come for 50 ms
   * ```ts
   * while (await manager.once(inotify, EventSet.IN, { timeoutMs: 50, throwIfTimedOut: false })) {
   *   inotify.read();
   * }
   * ```
   */
  once(
    fd: FdLike,
    events: EventSet,
    options?: OnceOptions & { readonly throwIfTimedOut?: true | undefined },
  ): Promise<EventSet>;
  once(fd: FdLike, events: EventSet, options: OnceOptions): Promise<EventSet | undefined>;
  async once(fd: FdLike, events: EventSet, options: OnceOptions = {}): Promise<EventSet | undefined> {
    this.#registry.assertOpen('once');
    const task = new FdTask(this.#registry, this.#drive, checkOnce(fd, events, options));
    try {
      return (await new FdEvents(task).next()).value;
    } finally {
      task.end();
    }
  }

  /**
   * Iterates over the events of an fd, one event per step. It registers the fd from the first step until the iteration
   * ends: by `break`, by `return()`, which also ends a pending step, or by an error. The manager watches the fd only while
   * a step is pending. The next step then reports what is ready.
   *
   * Others can wait for the same fd, as with {@link EventManager.once}.
   *
   * @throws (as a rejection of the step) The errors of {@link EventManager.once}.
   *
   * @example Read no faster than you can handle the data
   * ```ts
   * for await (const events of manager.on(socket, EventSet.IN)) {
   *   await handle(socket.read(buffer));
   * }
   * ```
   */
  on(
    fd: FdLike,
    events: EventSet,
    options?: OnOptions & { readonly throwIfTimedOut?: true | undefined },
  ): EventIterator;
  on(fd: FdLike, events: EventSet, options: OnOptions): EventIterator<EventSet | undefined>;
  on(fd: FdLike, events: EventSet, options: OnOptions = {}): EventIterator<EventSet | undefined> {
    this.#registry.assertOpen('on');
    return new FdEvents(new FdTask(this.#registry, this.#drive, checkOnce(fd, events, options)));
  }

  /** Makes the current wait, or else the next one, return at once. Several calls before it count as one. */
  wake(): void {
    this.#registry.assertOpen('wake');
    this.#poller.wake();
  }

  /**
   * Ends every registration, closes the fd objects that they own, cancels every timer, and closes the poller. Inside a
   * callback, the rest of the batch counts as stale. A second call does nothing.
   *
   * @throws AggregateError `ERR_EM_CLOSE_FAILED` with the errors of all steps that failed. The other steps are done.
   */
  close(): void {
    this.#runner.stop();
    const failures = this.#registry.close();
    this.#timers.close(failures);
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
  const { size, closed, lastWait, stats } = manager;
  const registrations = closed ? [] : [...manager];
  const state = { size, closed, lastWait: { ...lastWait }, stats: { ...stats }, registrations };
  return `EventManager ${inspect(state)}`;
});
