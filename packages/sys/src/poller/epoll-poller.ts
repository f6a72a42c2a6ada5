import { constants } from 'node:os';
import {
  type Attachment,
  EventManagerError,
  EventSet,
  type FdLike,
  type FdObject,
  type Interest,
  type Observer,
  type Poller,
  type ReadyBatch,
  type Registration,
  type WaitCause,
} from '@em/core';
import { checkFunction, checkOptions } from '@em/core/check';
import { type Binding, binding } from '../addon/binding.js';
import { checked, systemError } from '../addon/system-error.js';
import { type AuditFinding, audit, type FdState } from '../audit/audit.js';
import { readInterests } from '../audit/epoll-fdinfo.js';
import { EventFd } from '../fds/event-fd.js';
import { guardAgainstLeaks, type LeakGuard } from '../fds/leak-guard.js';
import { TimerFd } from '../fds/timer-fd.js';
import { Socket } from '../sockets/socket.js';
import { ConsumedFiles, consumesEvents, pollOnce } from './consumed-files.js';
import { type DiagnosticsMessages, DiagnosticsObserver, WAIT } from './diagnostics.js';
import { EntriesAhead } from './entries-ahead.js';
import { addOwn, contain, createEpoll, createOuter, OuterEpoll, OWN_GENERATION } from './epoll-instance.js';
import { EpollWait } from './epoll-wait.js';
import { HostLoopAttachment } from './host-loop.js';
import { notPollable } from './not-pollable.js';
import { CLOSED, PollerFiles } from './poller-files.js';
import { createSharedWords, ONE, type WakerHandle } from './waker.js';

const { EBADF, EEXIST, EINTR, ENOENT, EPERM } = constants.errno;

/** Options of {@link EpollPoller}. */
export interface EpollPollerOptions {
  /**
   * Returns whether the poll of the file behind an fd consumes the event that it reports. A device with a driver of
   * your own may do so. The poller recognises regular files of procfs and cgroups, and perf events, by itself. It calls
   * this when an fd is added, when `run()` starts, and when `fd` is first read.
   */
  readonly consumesEvents?: ((fd: number) => boolean) | undefined;
}

/**
 * The Linux kernel as a poller: an epoll instance, and in it an eventfd that wakes it.
 *
 * @throws EventManagerError `ERR_EM_CLOSED` from `audit`, `fd`, `nest` and `waker` once the poller is closed.
 * @throws SystemError `EBADF` from `add`, `attach`, `modify`, `rebuild`, `wait` and `wake` once the poller is closed.
 * @throws SystemError `EMFILE`, `ENFILE` if too many files are open, `ENOMEM`: from the constructor, `attach`, `fd`,
 * `nest`, `rebuild`, and from `add` of a file whose poll consumes the event.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/epoll.7.html | epoll(7)}
 */
export class EpollPoller implements Poller {
  readonly #native: Binding;
  readonly #epollWait: EpollWait;
  /** Receives the count of the eventfd, which is not used. */
  readonly #wakeCount = new ArrayBuffer(8);
  readonly #files: PollerFiles;
  /** Absent until the poller is first attached, so that it costs nothing in a loop of waits. */
  #ahead: EntriesAhead | undefined;
  readonly #leakGuard: LeakGuard;
  /** Whether this thread has woken the poller, and no wait has reported that yet. */
  #isWoken = false;
  #attachment: HostLoopAttachment | undefined;
  #outer: OuterEpoll | undefined;
  /** Publishes what the manager does, while anything subscribes to {@link DiagnosticsMessages}. */
  readonly observer: Observer;
  readonly #diagnostics = new DiagnosticsObserver(this);
  readonly #isKnownToConsume: ((fd: number) => boolean) | undefined;
  /**
   * Whether an event loop outside polls the epoll instance, so that files whose poll consumes the event are kept apart.
   */
  #isShared = false;
  /** Whether the next wait reports only the files apart, because the last one had no room for them. */
  #isTheirTurn = false;

  /**
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if an option is of the wrong type.
   */
  constructor(options: EpollPollerOptions = {}) {
    checkOptions('options', options, ['consumesEvents']);
    if (options.consumesEvents !== undefined) {
      checkFunction('options.consumesEvents', options.consumesEvents);
    }
    this.#isKnownToConsume = options.consumesEvents;
    this.observer = this.#diagnostics;
    this.#native = binding();
    this.#files = new PollerFiles(this.#native);
    this.#epollWait = new EpollWait(this.#native);
    this.#leakGuard = guardAgainstLeaks(this, this.#files);
    try {
      addOwn(this.#native, this.#files.epollFd, this.#files.wakeFd);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * @throws EventManagerError `ERR_EM_NOT_POLLABLE` if epoll cannot watch this kind of file.
   * @throws SystemError `EEXIST` if the fd is watched already, `EBADF` if it is not open, `ELOOP` for epoll fds in a
   * circle or nested too deep, `ENOSPC` if `/proc/sys/fs/epoll/max_user_watches` is reached, `ENOMEM`.
   */
  add(fd: number, events: EventSet, generation: number, target?: FdLike): void {
    this.#add(fd, events, generation, target);
    this.#diagnostics.accepted(fd);
  }

  #add(fd: number, events: EventSet, generation: number, target: FdLike | undefined): void {
    // In an instance that is not shared, only a wait polls the files, and it reports what it finds. ONE_SHOT is the
    // exception: re-arming it polls the file too.
    const isPolledApart = this.#isShared || this.#files.consumed !== undefined || (events & EventSet.ONE_SHOT) !== 0;
    if (isPolledApart && !isOrdinary(target) && this.#consumesEvents(fd)) {
      this.#addApart({ fd, events, generation });
      return;
    }
    const result = this.#native.epollAdd(this.#files.epollFd, fd, events, generation);
    if (result === -EPERM) {
      throw notPollable(result, fd);
    }
    checked(result, 'epoll_ctl', fd);
    this.#files.consumed?.forget(fd);
  }

  /** @throws SystemError `ENOENT` if the fd is not watched, `EBADF` if it is not open, `EINVAL`, `ENOMEM`. */
  modify(fd: number, events: EventSet, generation: number): void {
    if (this.#files.consumed?.has(fd)) {
      this.#files.consumed.modify(fd, events, generation);
      return;
    }
    checked(this.#native.epollModify(this.#files.epollFd, fd, events, generation), 'epoll_ctl', fd);
  }

  delete(fd: number): void {
    // The result does not matter: the fd is not watched afterwards. EBADF means that it is closed; ENOENT, EPERM and
    // EINVAL that it is closed and the number is another file now. Closing it has made the kernel drop it. The poller's
    // own eventfds cannot be deleted.
    if (fd !== this.#files.wakeFd && fd !== this.#files.consumed?.notifyFd && !this.#files.consumed?.delete(fd)) {
      this.#native.epollDelete(this.#files.epollFd, fd);
    }
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    const count = this.#wait(batch, timeoutMs);
    if (WAIT.hasSubscribers) {
      const { cause } = batch;
      const message: DiagnosticsMessages['em.wait'] = { poller: this, timeoutMs, cause, count, batch };
      WAIT.publish(message);
    }
    return count;
  }

  #wait(batch: ReadyBatch, timeoutMs: number): number {
    if (this.#files.consumed !== undefined) {
      return this.#waitForBoth(this.#files.consumed, batch, timeoutMs);
    }
    const count = this.#fetch(batch, timeoutMs);
    if (count > 0) {
      // Looking at every entry takes 2 % of a wait with 200 of them, and there is almost never anything to find.
      const ready = this.#isWoken || this.#files.waker !== undefined ? this.#takeOwn(batch, count) : count;
      batch.cause = ready > 0 ? 'events' : 'wake';
      return ready;
    }
    batch.cause = this.#causeOf(count);
    return 0;
  }

  wake(): void {
    this.#isWoken = true;
    checked(this.#native.writeCounter(this.#files.wakeFd, ONE), 'write', this.#files.wakeFd);
  }

  /**
   * Returns a handle by which other threads can wake this poller. Post it to a worker, and make a `Waker` from it
   * there.
   *
   * @returns The same handle at each call.
   */
  waker(): WakerHandle {
    this.#assertOpen('make a waker');
    this.#files.waker ??= this.#createWaker();
    return this.#files.waker;
  }

  /**
   * An epoll fd that is readable when {@link EpollPoller.wait} would not block. Use it to watch this poller from
   * another event loop. The number stays the same until the poller is closed. Use it only to wait; do not add fds to
   * it, read it, or close it.
   *
   * The other event loop polls the files of this poller, and so consumes the events of files whose poll does that. The
   * poller protects such files that are added after the first use of `fd`; {@link EpollPoller.nest} also protects those
   * that were added before.
   */
  get fd(): number {
    return this.nest().fd;
  }

  /**
   * Returns the fd object of {@link EpollPoller.fd}.
   *
   * @param interests - All that is watched now. The poller protects the files whose poll consumes the event from the
   * other event loop.
   */
  nest(interests: Iterable<Interest> = []): FdObject {
    this.#assertOpen('watch the poller');
    if (this.#outer === undefined) {
      this.#share(interests);
      this.#files.outerFd = createOuter(this.#native, this.#files.epollFd);
      this.#outer = new OuterEpoll(this, this.#files.outerFd);
    }
    return this.#outer;
  }

  /** Makes {@link EpollPoller.fd} readable, if it is in use. */
  onLeftovers(): void {
    if (this.#outer !== undefined) {
      this.wake();
    }
  }

  /**
   * Replaces the epoll instance. {@link EpollPoller.fd} stays the same.
   *
   * @throws SystemError `ENOSPC` if `/proc/sys/fs/epoll/max_user_watches` is reached.
   */
  rebuild(interests: readonly Interest[]): void {
    const former = this.#files.epollFd;
    const fresh = createEpoll(this.#native);
    try {
      addOwn(this.#native, fresh, this.#files.wakeFd);
      this.#files.consumed?.join(fresh);
      for (const { fd, events, generation } of interests) {
        if (!this.#files.consumed?.has(fd) && this.#stateOf(fd) === 'watched') {
          checked(this.#native.epollAdd(fresh, fd, events, generation), 'epoll_ctl', fd);
        }
      }
      if (this.#files.outerFd !== undefined) {
        contain(this.#native, this.#files.outerFd, fresh);
      }
      this.#attachment?.moveTo(fresh);
    } catch (error) {
      this.#native.close(fresh);
      throw error;
    }
    // The fresh instance reports them again.
    this.#ahead?.clear();
    this.#files.epollFd = fresh;
    this.#native.close(former);
  }

  /**
   * Compares what the kernel watches with the registrations, to find out why an fd is silent, or why one keeps firing.
   * It looks at everything: use it in logs and tests, not per event.
   *
   * @param registrations - All registrations: pass the manager that has this poller.
   * @returns The differences. Usually empty.
   * @throws EventManagerError `ERR_EM_CANNOT_AUDIT` where the kernel does not show what it watches: without `/proc`,
   * and on some systems that imitate Linux.
   *
   * @example Print the differences
   * ```ts
   * const poller = new EpollPoller();
   * const manager = new EventManager({ poller });
   * // …
   * for (const { kind, fd, message } of poller.audit(manager)) {
   *   console.warn(kind, fd, message);
   * }
   * ```
   */
  audit(registrations: Iterable<Registration>): AuditFinding[] {
    this.#assertOpen('audit');
    const interests = [...readInterests(this.#files.epollFd), ...(this.#files.consumed?.interests() ?? [])];
    return audit(interests, registrations, (fd) => this.#stateOf(fd));
  }

  /**
   * @throws SystemError `ELOOP` if epoll fds are nested too deep; on Bun and Deno, `EAGAIN` if there are too many
   * threads.
   */
  attach(onReady: () => void, interests: Iterable<Interest> = []): Attachment {
    this.#attachment?.detach();
    this.#share(interests);
    const ahead = this.#ahead ?? new EntriesAhead();
    this.#ahead = ahead;
    this.#attachment = new HostLoopAttachment(this.#native, this.#files.epollFd, ahead, () => {
      onReady();
      // The rest of an earlier batch came first.
      if (ahead.hasEntries && this.#files.epollFd !== CLOSED) {
        this.wake();
      }
      // A wake asks for another turn.
      return !this.#isWoken;
    });
    return this.#attachment;
  }

  close(): void {
    this.#attachment?.detach();
    this.#leakGuard.unregister(this);
    try {
      this.#outer?.close();
    } finally {
      for (const result of this.#files.close()) {
        checked(result, 'close');
      }
    }
  }

  #assertOpen(action: string): void {
    if (this.#files.epollFd === CLOSED) {
      throw new EventManagerError('ERR_EM_CLOSED', `Cannot ${action}: the poller is closed`);
    }
  }

  /**
   * Called when an event loop outside starts to poll the epoll instance. Keeps files whose poll consumes events out of
   * it.
   */
  #share(interests: Iterable<Interest>): void {
    this.#isShared = true;
    for (const interest of interests) {
      const { fd } = interest;
      // If the file was closed, its number may be any file now.
      if (!this.#files.consumed?.has(fd) && this.#consumesEvents(fd) && this.#stateOf(fd) === 'watched') {
        this.#moveApart(interest, pollOnce(this.#native, fd));
      }
    }
  }

  #createWaker(): WakerHandle {
    const sharedFd = createSharedWords();
    checked(this.#native.shareFd(this.#files.wakeFd, sharedFd), 'shareFd', this.#files.wakeFd);
    return { sharedFd };
  }

  /** The kernel refuses to add a number a second time, with EEXIST, only if it is still the file that was added. */
  #stateOf(fd: number): FdState {
    if (this.#files.consumed?.has(fd)) {
      return this.#files.consumed.stateOf(fd);
    }
    const result = this.#tryToAdd(fd);
    if (result === -EEXIST) {
      return 'watched';
    }
    return result === -EBADF ? 'closed' : 'other';
  }

  #addApart(interest: Interest): void {
    const { fd } = interest;
    // This comes first, because the next call may poll the file, and so consume its event.
    const pending = pollOnce(this.#native, fd);
    const result = this.#isShared ? this.#lookFor(fd) : this.#tryToAdd(fd);
    if (result === -EPERM) {
      throw notPollable(result, fd);
    }
    checked(result, 'epoll_ctl', fd);
    this.#moveApart(interest, pending);
  }

  /** Keeps a file out of the epoll instance that other event loops poll. */
  #moveApart(interest: Interest, pending: number): void {
    const consumed = this.#files.consumed ?? this.#createConsumed();
    consumed.add(interest, pending);
    this.#native.epollDelete(this.#files.epollFd, interest.fd);
  }

  /** Returns why epoll refuses a file, or 0. It does not poll the file. An instance that is shared does not watch it. */
  #lookFor(fd: number): number {
    const result = this.#native.epollDelete(this.#files.epollFd, fd);
    return result === -ENOENT ? 0 : result;
  }

  /** Adds an fd, and deletes it again. Returns why that is refused, or 0. */
  #tryToAdd(fd: number): number {
    const result = this.#native.epollAdd(this.#files.epollFd, fd, EventSet.EMPTY, OWN_GENERATION);
    if (result === 0) {
      this.#native.epollDelete(this.#files.epollFd, fd);
    }
    return result;
  }

  #consumesEvents(fd: number): boolean {
    return consumesEvents(this.#native, fd) || this.#isKnownToConsume?.(fd) === true;
  }

  #createConsumed(): ConsumedFiles {
    const consumed = new ConsumedFiles(this.#native);
    try {
      consumed.join(this.#files.epollFd);
    } catch (error) {
      consumed.close();
      throw error;
    }
    this.#files.consumed = consumed;
    return consumed;
  }

  /** Takes the entries that were found ahead, or else waits. */
  #fetch(batch: ReadyBatch, timeoutMs: number): number {
    const ahead = this.#ahead;
    const count = ahead?.hasEntries
      ? ahead.take(batch)
      : this.#epollWait.wait(this.#files.epollFd, batch.buffer, timeoutMs);
    ahead?.noteWait(batch.capacity, count);
    return count;
  }

  #waitForBoth(consumed: ConsumedFiles, batch: ReadyBatch, timeoutMs: number): number {
    if (consumed.hasDelivered) {
      consumed.look();
    }
    const count = this.#isTheirTurn ? 0 : this.#fetch(batch, consumed.isReady ? 0 : timeoutMs);
    const cause = count > 0 ? 'wake' : this.#causeOf(count);
    const filled = consumed.fill(batch, count > 0 ? this.#takeOwn(batch, count) : 0);
    // If other fds have filled the batch, the next one begins with the files apart.
    this.#isTheirTurn = consumed.isReady && !this.#isTheirTurn;
    batch.cause = filled > 0 ? 'events' : cause;
    return filled;
  }

  #causeOf(count: number): WaitCause {
    if (count !== 0 && count !== -EINTR) {
      throw systemError(count, 'epoll_wait', this.#files.epollFd);
    }
    return count === 0 ? 'timeout' : 'interrupt';
  }

  /** Removes the entries of the poller's own eventfds from a batch. Returns how many are left. */
  #takeOwn(batch: ReadyBatch, count: number): number {
    let left = count;
    for (let index = 0; index < left; ) {
      if (batch.generation(index) !== OWN_GENERATION) {
        index++;
        continue;
      }
      const isWake = batch.fd(index) === this.#files.wakeFd;
      left--;
      for (let to = index; to < left; to++) {
        batch.set(to, batch.fd(to + 1), batch.events(to + 1), batch.generation(to + 1));
      }
      if (isWake) {
        // Reset, so that the instance that rebuild() makes does not report the wake again.
        this.#native.readCounter(this.#files.wakeFd, this.#wakeCount);
        this.#isWoken = false;
      } else {
        this.#files.consumed?.look();
      }
    }
    return left;
  }
}

/** Whether the class of the fd object shows that its poll consumes nothing. It saves a system call. */
function isOrdinary(target: FdLike | undefined): boolean {
  return target instanceof Socket || target instanceof EventFd || target instanceof TimerFd;
}
