import {
  type Attachment,
  EventManagerError,
  EventSet,
  type FdLike,
  type Interest,
  type Poller,
  type ReadyBatch,
  type WaitCause,
} from '@em/core';
import { checkFunction, checkInteger, checkOptions, invalidType, outOfRange } from '@em/core/check';
import { KERNEL_FD } from '@em/core/fd-owner';
import type { Clock } from './clock.js';
import { type ErrorCode, isSystemError, systemError, wouldBlock } from './errors.js';
import { FakeAttachment } from './fake-attachment.js';
import { FakeEpoll } from './fake-epoll.js';
import { FakeFiles } from './fake-files.js';
import { Faults, type FaultyOp } from './faults.js';
import type { FdTable } from './fd-table.js';
import { EpollFile, PlainEpollFile } from './files/epoll-file.js';
import { Counter } from './files/eventfd.js';
import { FakeFd } from './files/fake-fd.js';
import type { FakeInterest } from './interest-view.js';
import { FakeKernel } from './kernel.js';
import { type FakeOp, OpLog } from './op-log.js';

/** The fakes of the classes of `@em/sys`. */
const FAKES: Readonly<Record<string, string>> = {
  EventFd: 'poller.eventfd()',
  TimerFd: 'poller.timerfd()',
  PidFd: 'poller.pidfd(pid)',
  Inotify: 'poller.inotify()',
  PipeReader: 'poller.pipe()',
  PipeWriter: 'poller.pipe()',
  TcpListener: 'poller.tcpListener()',
  TcpStream: 'poller.connectTcp(options)',
  UdpSocket: 'poller.udp()',
  UnixDatagram: 'poller.unixDatagram(options) or poller.datagramPair()',
  UnixListener: 'poller.unixListener(options)',
  UnixStream: 'poller.connectUnix(options) or poller.socketpair()',
};

/** Options of {@link FakePoller}. */
export interface FakePollerOptions {
  /**
   * Another poller, whose files, fds and clock this one shares, as the pollers of two threads do. By default the poller
   * has its own.
   */
  readonly sharing?: FakePoller | undefined;
}

/**
 * A poller without a kernel. It makes the files that it watches, and treats them as epoll does, on any OS. A wait takes no
 * real time: it moves a clock of its own. A wait that cannot end throws instead of hanging. Under `run()`, the clock moves
 * when the test calls {@link FakePoller.advance}.
 *
 * ```text
 *   file (eventfd, pipe, …) ──► FakeEpoll ──► FakePoller.wait ──► ReadyBatch
 *                               Clock, Faults ──┘
 * ```
 *
 * @example A test without sleeping
 * ```ts
 * import { EventManager, EventSet } from '@em/core';
 * import { FakePoller } from '@em/testing';
 *
 * const poller = new FakePoller();
 * const manager = new EventManager({ poller });
 * const eventFd = poller.eventfd();
 * manager.add(eventFd, EventSet.IN, () => void eventFd.read());
 *
 * poller.after(5_000, () => void eventFd.write(1n));
 * manager.wait(); // 1, and poller.nowMs is 5_000
 * ```
 *
 * @throws SystemError `EBADF` from the methods of `Poller` except `close`, if the poller is closed.
 */
export class FakePoller extends FakeFiles implements Poller {
  readonly #fds: FdTable;
  /** An eventfd, as in a poller on epoll. It takes its turn among the files that are ready. */
  readonly #wakeFile = new Counter(0n);
  #epoll: FakeEpoll;
  #attachment: FakeAttachment | undefined;
  readonly #clock: Clock;
  /** What other pollers watch, once they do: the file of `fd`, and that of `plainFd`. */
  readonly #files = new Map<typeof EpollFile, { readonly file: EpollFile; readonly fd: number }>();
  readonly #faults = new Faults();
  readonly #log = new OpLog();
  #closed = false;

  /** @throws TypeError `ERR_INVALID_ARG_TYPE` for a wrong option. */
  constructor(options: FakePollerOptions = {}) {
    const { sharing } = checkOptions('options', options, ['sharing']);
    if (sharing !== undefined && !(typeof sharing === 'object' && sharing !== null && #closed in sharing)) {
      throw invalidType('options.sharing', 'a FakePoller', sharing);
    }
    super(sharing === undefined ? new FakeKernel() : sharing.kernel);
    this.#fds = this.kernel.fds;
    this.#clock = this.kernel.clock;
    this.#epoll = this.#createEpoll();
  }

  /** The calls that changed the interest list since the poller was made, or since {@link FakePoller.clearLog}. */
  get log(): readonly FakeOp[] {
    return this.#log.entries;
  }

  /**
   * The interest list: what is watched now, grouped by file. Paused registrations are not in it. An entry whose number is
   * closed stays until the last duplicate of the file is closed.
   *
   * @example Find the events that an edge-triggered reader does not get
   * ```ts
   * const lost = poller.interestList.filter(({ pending, isQueued }) => pending !== 0 && !isQueued);
   * ```
   */
  get interestList(): readonly FakeInterest[] {
    return this.#epoll.interests();
  }

  /**
   * The ready list: what the next wait asks for events, in that order. An entry may have none by then. A level-triggered
   * one that reports goes to the end.
   */
  get readyList(): readonly FakeInterest[] {
    return this.#epoll.readyList();
  }

  /** The time of its clock, in milliseconds. It starts at 0, and moves only in {@link FakePoller.wait} and {@link FakePoller.advance}. */
  get nowMs(): number {
    return this.#clock.nowMs;
  }

  /**
   * Whether `run()` would keep the process alive on the kernel, by what is registered and referenced now. On the fake, it does
   * so only while something is ready.
   */
  get hasRef(): boolean {
    return this.#attachment?.hasRef ?? false;
  }

  /**
   * The number of this poller as a file that is `IN` when a wait would not block. Add it, or the poller itself, to another
   * poller that shares the files of this one.
   *
   * @throws SystemError `EBADF` if the poller is closed.
   */
  get fd(): number {
    return this.#fdOf(EpollFile);
  }

  /**
   * The same, as a program nests one plain epoll instance in another. Each look of the other poller also polls the files that
   * this one watches, so files such as {@link FakeTrigger} lose their event to it.
   *
   * @throws SystemError `EBADF` if the poller is closed.
   *
   * @example An event that is lost
   * ```ts
   * const inner = new FakePoller({ sharing: outer });
   * inner.add(trigger.fd, EventSet.PRIORITY, 1);
   * outer.add(inner.plainFd, EventSet.IN, 1);
   * trigger.fire();
   * outer.wait(batch, 0); // 1
   * inner.wait(batch, 0); // 0
   * ```
   */
  get plainFd(): number {
    return this.#fdOf(PlainEpollFile);
  }

  /** Whether {@link FakePoller.close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Plans an action that runs during a wait, or while the time is advanced.
   *
   * @param delayMs - The time from now, in milliseconds, at least 0.
   * @returns A function that cancels the action. It does nothing once the action has run.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `delayMs` is not such a number, or finite.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `action` is not a function.
   */
  after(delayMs: number, action: () => void): () => void {
    checkTime('delayMs', delayMs, 0);
    checkFunction('action', action);
    return this.#clock.after(delayMs, action);
  }

  /**
   * Lets time pass while `run()` of a manager is pending. It stops at each time at which something is due: an action of
   * {@link FakePoller.after}, a timer of the manager, a timeout of `once` or `on`. There it runs the actions, then lets the
   * manager call back, first for the fds that are ready, then for its timers. Promises settle after each action and each
   * batch. So `advance(0)` is for what is ready now.
   *
   * Time passes only on the clock of this poller, and whether or not the timers of the host are replaced by fake ones. It
   * does not wait for the host: for files, or its timers.
   *
   * @param ms - How far, in milliseconds, finite, at least 0.
   * @throws (as a rejection) TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `ms` is no such number.
   * @throws (as a rejection) Error `ERR_EM_FAKE_NOT_DRIVEN` if no manager on this poller has called `run()`,
   * `ERR_EM_FAKE_SPINNING` if there is always something ready, so that time cannot pass.
   * @throws (as a rejection) What an action throws. The error of a callback rejects `run()` instead.
   *
   * @example A timeout of an hour
   * ```ts
   * const running = manager.run();
   * manager.after(3_600_000, () => manager.stop());
   * await poller.advance(3_600_000);
   * await running;
   * ```
   */
  async advance(ms: number): Promise<void> {
    await this.#clock.advanceTo(this.nowMs + checkTime('ms', ms, 0));
  }

  /**
   * The same as {@link FakePoller.advance}, up to a time.
   *
   * @param timeMs - What {@link FakePoller.nowMs} is at the end, unless a callback waits longer. Not before now.
   */
  async advanceTo(timeMs: number): Promise<void> {
    await this.#clock.advanceTo(checkTime('timeMs', timeMs, this.nowMs));
  }

  /** Makes the next call of `op` fail with this error. A second `failNext` concerns the call after it, and so on. */
  failNext(op: FaultyOp, code: ErrorCode): void {
    this.#faults.fail(op, code);
  }

  /** Makes the next wait that would block return at once with the cause `interrupt`, as a signal does. */
  interruptNext(): void {
    this.#faults.interrupt();
  }

  /**
   * Makes the next wait report at most this number of entries, whatever the capacity of the batch.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `entryCount` is not a positive integer.
   */
  limitNext(entryCount: number): void {
    this.#faults.limit(checkInteger('entryCount', entryCount, 1, 0x7fff_ffff));
  }

  /** Empties {@link FakePoller.log}. */
  clearLog(): void {
    this.#log.clear();
  }

  /**
   * @throws EventManagerError `ERR_EM_FAKE_FOREIGN_FD` if `target` is a real fd object, or belongs to another fake.
   * @throws SystemError `EBADF` if the fd is not open, `EPERM` if it is a regular file, `EEXIST` if it is watched already,
   * `EINVAL` if `events` combines EXCLUSIVE with an event that it does not allow.
   */
  add(fd: number, events: EventSet, generation: number, target?: FdLike): void {
    this.#control({ op: 'add', fd, events, generation }, fd, () => {
      this.#assertOwn(fd, target);
      this.#epoll.add(fd, events, generation);
    });
  }

  /**
   * @throws SystemError `EBADF` if the fd is not open, `EPERM` if it is a regular file, `ENOENT` if it is not watched,
   * `EINVAL` if `events` has EXCLUSIVE, or the fd was added with it.
   */
  modify(fd: number, events: EventSet, generation: number): void {
    this.#control({ op: 'modify', fd, events, generation }, fd, () => this.#epoll.modify(fd, events, generation));
  }

  delete(fd: number): void {
    this.#control({ op: 'delete', fd }, fd, () => {
      try {
        this.#epoll.delete(fd);
      } catch (error) {
        if (!isSystemError(error, 'EBADF', 'ENOENT', 'EPERM')) {
          throw error;
        }
      }
    });
  }

  /** @throws WouldBlockError `ERR_EM_FAKE_WOULD_BLOCK` if the timeout is `Infinity` and nothing can end the wait. */
  wait(batch: ReadyBatch, timeoutMs: number): number {
    this.#assertOpen('epoll_wait');
    this.#failIfAsked('wait', 'epoll_wait');
    const clock = this.#clock;
    const limit = Math.min(batch.capacity, this.#faults.takeLimit());
    const deadlineMs = clock.nowMs + timeoutMs;
    let hasSlept = false;
    for (;;) {
      this.#runDue(hasSlept);
      const { count, isWoken } = this.#epoll.collect(batch, limit);
      if (isWoken) {
        this.#wakeFile.take();
      }
      const cause = count > 0 ? 'events' : this.#causeToReturn(isWoken, deadlineMs);
      if (cause !== undefined) {
        batch.cause = cause;
        return count;
      }
      const nextMs = Math.min(deadlineMs, clock.nextMs);
      if (nextMs === Number.POSITIVE_INFINITY) {
        throw wouldBlock(this.#epoll.items());
      }
      clock.moveTo(nextMs);
      hasSlept = true;
    }
  }

  /** Makes {@link FakePoller.fd} readable, if it is in use. */
  onLeftovers(): void {
    if (this.#files.size > 0) {
      this.wake();
    }
  }

  wake(): void {
    this.#assertOpen('write');
    this.#wakeFile.add(1n);
  }

  rebuild(interests: readonly Interest[]): void {
    // Copied for the log: the manager passes objects that change with its registrations.
    const copies = interests.map(({ fd, events, generation }) => ({ fd, events, generation }));
    this.#control({ op: 'rebuild', interests: copies }, undefined, () => {
      const fresh = this.#createEpoll();
      for (const { fd, events, generation } of copies.filter(({ fd }) => this.#epoll.has(fd))) {
        fresh.add(fd, events, generation);
      }
      this.#epoll.close();
      this.#epoll = fresh;
    });
  }

  /**
   * Calls `onReady` in a turn of the host's event loop whenever something is ready, or the alarm is due. If nothing is, the
   * attachment does not keep the host loop running, because nothing could happen any more.
   */
  attach(onReady: () => void): Attachment {
    this.#assertOpen('epoll_ctl');
    this.#attachment?.detach();
    this.#attachment = new FakeAttachment(this.#clock, () => this.#epoll, onReady);
    return this.#attachment;
  }

  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    for (const { fd } of this.#files.values()) {
      this.#fds.close(fd);
    }
    this.#attachment?.detach();
    this.#epoll.close();
  }

  #fdOf(FileOfEpoll: typeof EpollFile): number {
    this.#assertOpen('epoll_ctl');
    const known = this.#files.get(FileOfEpoll);
    if (known !== undefined) {
      return known.fd;
    }
    const file = new FileOfEpoll(() => this.#epoll);
    const fd = this.#fds.install(file);
    this.#files.set(FileOfEpoll, { file, fd });
    return fd;
  }

  #createEpoll(): FakeEpoll {
    return new FakeEpoll(this.#fds, this.kernel.epolls, this.#wakeFile, () => {
      this.#attachment?.notify();
      for (const { file } of this.#files.values()) {
        file.wakeUp(EventSet.IN);
      }
    });
  }

  /** Runs the actions that are due. One of them may wake the wait, if that sleeps. */
  #runDue(isAsleep: boolean): void {
    const epoll = this.#epoll;
    epoll.isAwaited = isAsleep;
    try {
      this.#clock.runDue();
    } finally {
      epoll.isAwaited = false;
    }
  }

  /** Why a wait returns although nothing is ready. The checks are in the order of the kernel. */
  #causeToReturn(isWoken: boolean, deadlineMs: number): WaitCause | undefined {
    if (isWoken) {
      return 'wake';
    }
    if (this.#clock.nowMs >= deadlineMs) {
      return 'timeout';
    }
    return this.#faults.takeInterrupt() ? 'interrupt' : undefined;
  }

  static #isFakePoller(target: object): target is FakePoller {
    return #closed in target;
  }

  /** Refuses an object whose number stands for another file, or for none, here. */
  #assertOwn(fd: number, target: FdLike | undefined): void {
    if (typeof target !== 'object') {
      return;
    }
    if (KERNEL_FD in target) {
      const name = target.constructor.name;
      const instead = Object.hasOwn(FAKES, name) ? FAKES[name] : 'a file of the fake, such as poller.device()';
      throw foreign(fd, `it is the fd of a real ${name}; use ${instead}`);
    }
    const isElsewhere =
      (target instanceof FakeFd && !target.isOf(this.#fds)) ||
      (FakePoller.#isFakePoller(target) && target.kernel !== this.kernel);
    if (isElsewhere) {
      throw foreign(
        fd,
        'it belongs to another FakePoller; make one of them with new FakePoller({ sharing: theOther })',
      );
    }
  }

  #control(op: FakeOp, fd: number | undefined, change: () => void): void {
    this.#log.record(op, () => {
      this.#assertOpen('epoll_ctl', fd);
      this.#failIfAsked(op.op, 'epoll_ctl', fd);
      change();
    });
  }

  #failIfAsked(op: FaultyOp, syscall: string, fd?: number): void {
    const code = this.#faults.takeFailure(op);
    if (code !== undefined) {
      throw systemError(code, syscall, fd);
    }
  }

  #assertOpen(syscall: string, fd?: number): void {
    if (this.#closed) {
      throw systemError('EBADF', syscall, fd);
    }
  }
}

function checkTime(name: string, ms: unknown, minMs: number): number {
  if (typeof ms !== 'number') {
    throw invalidType(name, 'a number', ms);
  }
  if (!(ms >= minMs && ms < Number.POSITIVE_INFINITY)) {
    throw outOfRange(name, `a finite number of milliseconds, at least ${minMs}`, ms);
  }
  return ms;
}

function foreign(fd: number, why: string): EventManagerError {
  return new EventManagerError('ERR_EM_FAKE_FOREIGN_FD', `Cannot watch fd ${fd} with a FakePoller: ${why}`);
}
