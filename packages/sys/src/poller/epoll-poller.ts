import { constants } from 'node:os';
import {
  type Attachment,
  EventManagerError,
  EventSet,
  type FdObject,
  type FdSource,
  type Interest,
  type Poller,
  type ReadyBatch,
  type Registration,
  type WaitCause,
  WORDS_PER_ENTRY,
} from '@em/core';
import { checkFunction } from '@em/core/check';
import { type Binding, binding } from '../addon/binding.js';
import { checked, systemError } from '../addon/system-error.js';
import { checkObject } from '../arguments/check-object.js';
import { type AuditFinding, audit, type FdState } from '../audit/audit.js';
import { readInterests } from '../audit/read-interests.js';
import { EventFd } from '../fds/event-fd.js';
import { type Watch, watchOver } from '../fds/forgotten-fds.js';
import { TimerFd } from '../fds/timer-fd.js';
import { Socket } from '../sockets/socket.js';
import { ConsumedFiles, consumesEvents } from './consumed-files.js';
import { addOwn, createEpoll, OuterEpoll, OWN_GENERATION } from './epoll-instance.js';
import { EpollWait } from './epoll-wait.js';
import { HostLoopAttachment } from './host-loop.js';
import { notPollable } from './not-pollable.js';
import { CLOSED, PollerFiles } from './poller-files.js';
import { createSharedWords, ONE, type WakerHandle } from './waker.js';

const { EBADF, EEXIST, EINTR, EPERM } = constants.errno;

/** Options of {@link EpollPoller}. */
export interface EpollPollerOptions {
  /**
   * Says of an fd whether the poll of its file consumes the event that it reports, as a device of your own driver may.
   * Regular files of procfs and cgroups and perf events are recognised without it. It is called when the fd is added,
   * and when `run()` starts.
   */
  readonly consumesEvents?: ((fd: number) => boolean) | undefined;
}

/**
 * The Linux kernel as a poller: one epoll instance, and an eventfd in it by which it is woken.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/epoll.7.html | epoll(7)}
 */
export class EpollPoller implements Poller {
  readonly #native: Binding;
  readonly #epollWait: EpollWait;
  /** Where the eventfd's count goes; nobody asks how often it was woken. */
  readonly #wakeCount = new ArrayBuffer(8);
  readonly #files: PollerFiles;
  readonly #watch: Watch;
  /** Whether this thread has woken it, and no wait has told of that yet. */
  #isWoken = false;
  #attachment: HostLoopAttachment | undefined;
  readonly #isKnownToConsume: ((fd: number) => boolean) | undefined;
  /** Whether such files are kept apart, since an event loop outside polls the epoll instance. */
  #isShared = false;
  /** Whether the next wait leaves out what is ready here, for the last one left no room for the files apart. */
  #isTheirTurn = false;

  /**
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if an option is of the wrong type.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files, `ENOMEM`.
   */
  constructor(options: EpollPollerOptions = {}) {
    checkObject('options', options);
    if (options.consumesEvents !== undefined) {
      checkFunction('options.consumesEvents', options.consumesEvents);
    }
    this.#isKnownToConsume = options.consumesEvents;
    this.#native = binding();
    this.#files = new PollerFiles(this.#native);
    this.#epollWait = new EpollWait(this.#native);
    this.#watch = watchOver(this, this.#files);
    try {
      addOwn(this.#native, this.#files.epollFd, this.#files.wakeFd);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * @throws EventManagerError `ERR_EM_NOT_POLLABLE` if epoll cannot watch this kind of file.
   * @throws SystemError `EEXIST` if it is watched already, `EBADF` if it is not open, `ELOOP` for epoll fds in a circle
   * or nested too deep, `ENOSPC` if `/proc/sys/fs/epoll/max_user_watches` is reached, `ENOMEM`.
   */
  add(fd: number, events: EventSet, generation: number, source?: FdSource): void {
    // Nothing but a wait polls a file of an instance that is not shared, and a wait reports what it finds. A ONE_SHOT is
    // the exception: to arm it again polls it, too.
    const isPolledApart = this.#isShared || this.#files.consumed !== undefined || (events & EventSet.ONE_SHOT) !== 0;
    if (isPolledApart && !isOrdinary(source) && this.#consumesEvents(fd)) {
      this.#addConsumed({ fd, events, generation });
      return;
    }
    const result = this.#native.epollAdd(this.#files.epollFd, fd, events, generation);
    if (result === -EPERM) {
      throw notPollable(result, fd);
    }
    checked(result, 'epoll_ctl', fd);
    this.#files.consumed?.forget(fd);
  }

  /** @throws SystemError `ENOENT` if it is not watched, `EBADF` if it is not open, `EINVAL`, `ENOMEM`. */
  modify(fd: number, events: EventSet, generation: number): void {
    if (this.#files.consumed?.has(fd)) {
      this.#files.consumed.modify(fd, events, generation);
      return;
    }
    checked(this.#native.epollModify(this.#files.epollFd, fd, events, generation), 'epoll_ctl', fd);
  }

  delete(fd: number): void {
    // Whatever the answer, it is not watched afterwards: EBADF, it is closed; ENOENT, EPERM, EINVAL, it is closed and the
    // number is another file by now. The kernel has let go of it by itself. The poller's own eventfd is not up for it.
    if (fd !== this.#files.wakeFd && fd !== this.#files.consumed?.notifyFd && !this.#files.consumed?.delete(fd)) {
      this.#native.epollDelete(this.#files.epollFd, fd);
    }
  }

  /** @throws SystemError `EBADF` if the poller is closed. */
  wait(batch: ReadyBatch, timeoutMs: number): number {
    if (this.#files.consumed !== undefined) {
      return this.#waitForBoth(this.#files.consumed, batch, timeoutMs);
    }
    const count = this.#epollWait.wait(this.#files.epollFd, batch.buffer, timeoutMs);
    if (count > 0) {
      // Nearly always there is nothing to look for, and to look at every entry costs 2 % of a wait with 200 of them.
      const ready = this.#isWoken || this.#files.waker !== undefined ? this.#takeOwn(batch, count) : count;
      batch.cause = ready > 0 ? 'events' : 'wake';
      return ready;
    }
    batch.cause = this.#causeOf(count);
    return 0;
  }

  /** @throws SystemError `EBADF` if the poller is closed. */
  wake(): void {
    this.#isWoken = true;
    checked(this.#native.writeCounter(this.#files.wakeFd, ONE), 'write', this.#files.wakeFd);
  }

  /**
   * By which other threads can wake this poller: post it to a worker, and make a `Waker` from it there.
   *
   * @returns The same at each call.
   * @throws EventManagerError `ERR_EM_CLOSED` if the poller is closed.
   */
  waker(): WakerHandle {
    if (this.#files.wakeFd === CLOSED) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot make a waker: the poller is closed');
    }
    this.#files.waker ??= this.#createWaker();
    return this.#files.waker;
  }

  /**
   * An epoll fd that is readable when {@link EpollPoller.wait} would not block: to watch this poller from another event
   * loop. The number stays the same until the poller is closed. Use it only to wait; do not add, read, or close it.
   *
   * The other event loop polls the files of this poller, and so consumes the events of files whose poll does that. The
   * poller protects those that are added after the first use of `fd`; {@link EpollPoller.nest} protects others too.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if the poller is closed.
   * @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`.
   */
  get fd(): number {
    return this.nest().fd;
  }

  /**
   * The fd object of {@link EpollPoller.fd}.
   *
   * @param interests - What is watched already: files whose poll consumes events are protected from the other event loop.
   * @throws EventManagerError `ERR_EM_CLOSED` if the poller is closed.
   * @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`.
   */
  nest(interests: Iterable<Interest> = []): FdObject {
    if (this.#files.epollFd === CLOSED) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot watch this poller: it is closed');
    }
    if (this.#files.outer === undefined) {
      this.#share(interests);
      this.#files.outer = new OuterEpoll(this.#native, this.#files.epollFd);
    }
    return this.#files.outer;
  }

  /** Makes {@link EpollPoller.fd} readable, if it is in use. */
  onLeftovers(): void {
    if (this.#files.outer !== undefined) {
      this.wake();
    }
  }

  /**
   * Replaces the epoll instance. {@link EpollPoller.fd} stays the same.
   *
   * @throws SystemError `EMFILE`, `ENFILE`, `ENOSPC`, `ENOMEM`.
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
      this.#files.outer?.contain(fresh);
      this.#attachment?.moveTo(fresh);
    } catch (error) {
      this.#native.close(fresh);
      throw error;
    }
    this.#files.epollFd = fresh;
    this.#native.close(former);
  }

  /**
   * Compares what the kernel watches with what is registered: for finding out why an fd is silent, or why one will not
   * be. It is a look at everything, for logs and tests, and too slow for each event.
   *
   * @param registrations - All there are: the manager that this poller was given to.
   * @returns What is not as it should be; nothing, mostly.
   * @throws EventManagerError `ERR_EM_CANNOT_AUDIT` where the kernel does not show what it watches: without `/proc`, and
   * under some that stand in for Linux.
   * @throws SystemError `EBADF` if the poller is closed.
   *
   * @example What is wrong with the registrations of a manager
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
    if (this.#files.epollFd === CLOSED) {
      throw systemError(-EBADF, 'epoll_ctl', this.#files.epollFd);
    }
    const interests = [...readInterests(this.#files.epollFd), ...(this.#files.consumed?.interests() ?? [])];
    return audit(interests, registrations, (fd) => this.#stateOf(fd));
  }

  /** @throws SystemError `EBADF` if the poller is closed, `ENOMEM`; on Bun and Deno, `EMFILE`, `ENFILE`, `EAGAIN`. */
  attach(onReady: () => void, interests: Iterable<Interest> = []): Attachment {
    this.#attachment?.detach();
    this.#share(interests);
    this.#attachment = new HostLoopAttachment(this.#native, this.#files.epollFd, onReady);
    return this.#attachment;
  }

  close(): void {
    this.#attachment?.detach();
    this.#watch.unregister(this);
    for (const result of this.#files.close()) {
      checked(result, 'close');
    }
  }

  /** From now on, an event loop outside polls the epoll instance: files whose poll consumes events are kept out of it. */
  #share(interests: Iterable<Interest>): void {
    this.#isShared = true;
    for (const interest of interests) {
      if (!this.#files.consumed?.has(interest.fd) && this.#consumesEvents(interest.fd)) {
        this.#addConsumed(interest);
      }
    }
  }

  #createWaker(): WakerHandle {
    const sharedFd = createSharedWords();
    checked(this.#native.shareFd(this.#files.wakeFd, sharedFd), 'shareFd', this.#files.wakeFd);
    return { sharedFd };
  }

  /** Only if the number is still the file that was added is adding it again refused with EEXIST. */
  #stateOf(fd: number): FdState {
    if (this.#files.consumed?.has(fd)) {
      return this.#files.consumed.stateOf(fd);
    }
    const result = this.#native.epollAdd(this.#files.epollFd, fd, EventSet.EMPTY, OWN_GENERATION);
    if (result === 0) {
      this.#native.epollDelete(this.#files.epollFd, fd);
    }
    if (result === -EEXIST) {
      return 'watched';
    }
    return result === -EBADF ? 'closed' : 'other';
  }

  /** Has a file watched apart from the instance that the host looks at, and no longer there. */
  #addConsumed(interest: Interest): void {
    const { fd } = interest;
    const consumed = this.#files.consumed ?? this.#createConsumed();
    // To look whether the number is watched here polls a file that is not, which consumes what it has to report.
    const pending = consumed.poll(fd);
    if (!this.#isShared && this.#isWatchedHere(fd)) {
      throw systemError(-EEXIST, 'epoll_ctl', fd);
    }
    consumed.add(interest, pending);
    this.#native.epollDelete(this.#files.epollFd, fd);
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

  #isWatchedHere(fd: number): boolean {
    const result = this.#native.epollAdd(this.#files.epollFd, fd, EventSet.EMPTY, OWN_GENERATION);
    return result === -EEXIST;
  }

  #waitForBoth(consumed: ConsumedFiles, batch: ReadyBatch, timeoutMs: number): number {
    if (consumed.isUnasked) {
      consumed.look();
    }
    const count = this.#isTheirTurn
      ? 0
      : this.#epollWait.wait(this.#files.epollFd, batch.buffer, consumed.isReady ? 0 : timeoutMs);
    const cause = count > 0 ? 'wake' : this.#causeOf(count);
    const filled = consumed.fill(batch, count > 0 ? this.#takeOwn(batch, count) : 0);
    // A batch that others have filled leaves no room: the next one begins with them.
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

  /** Takes the entries of the poller's own eventfds out of a batch; returns how many are left. */
  #takeOwn(batch: ReadyBatch, count: number): number {
    let left = count;
    for (let index = 0; index < left; ) {
      if (batch.generation(index) !== OWN_GENERATION) {
        index++;
        continue;
      }
      const isWake = batch.fd(index) === this.#files.wakeFd;
      const at = index * WORDS_PER_ENTRY;
      batch.words.copyWithin(at, at + WORDS_PER_ENTRY, left * WORDS_PER_ENTRY);
      left--;
      if (isWake) {
        // Back to 0, so that what was reported is not reported again by the instance that rebuild() makes.
        this.#native.readCounter(this.#files.wakeFd, this.#wakeCount);
        this.#isWoken = false;
      } else {
        this.#files.consumed?.look();
      }
    }
    return left;
  }
}

/** Whether it is plain from the fd object that its poll consumes nothing, without a system call. */
function isOrdinary(source: FdSource | undefined): boolean {
  return source instanceof Socket || source instanceof EventFd || source instanceof TimerFd;
}
