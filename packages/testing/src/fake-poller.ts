import type { EventSet, Interest, Poller, ReadyBatch, WaitCause } from '@em/core';
import { checkFunction, checkInteger, outOfRange } from '@em/core/check';
import { Clock } from './clock.js';
import { FakeEpoll } from './fake-epoll.js';
import { Faults, type FaultyOp } from './faults.js';
import { FdTable } from './fd-table.js';
import { Counter, FakeEventFd } from './files/eventfd.js';
import { createPipe, type FakePipe, type FakePipeOptions } from './files/pipe.js';
import { FakeRegularFile } from './files/regular-file.js';
import { FakeSocket } from './files/socketpair.js';
import { FakeSource } from './files/source.js';
import { FakeTrigger } from './files/trigger.js';
import { type FakeOp, OpLog } from './op-log.js';
import { type ErrorCode, isSystemError, systemError } from './system-error.js';
import { wouldBlock } from './would-block.js';

/**
 * A poller without a kernel: it makes the files it watches, and does with them what epoll does, on any OS and in no
 * time. Waiting moves a clock of its own; waiting for what cannot happen throws instead of hanging.
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
 */
export class FakePoller implements Poller {
  readonly #fds = new FdTable();
  /** As in a poller on epoll, an eventfd, which takes its turn among what is ready. */
  readonly #wakeFile = new Counter(0n);
  #epoll = new FakeEpoll(this.#fds, this.#wakeFile);
  readonly #clock = new Clock();
  readonly #faults = new Faults();
  readonly #log = new OpLog();
  #closed = false;

  /** What was asked of the interest list since the poller was made, or {@link FakePoller.clearLog} was called. */
  get log(): readonly FakeOp[] {
    return this.#log.entries;
  }

  /** The time on its clock, in milliseconds. It starts at 0, and moves only in {@link FakePoller.wait}. */
  get nowMs(): number {
    return this.#clock.nowMs;
  }

  /** Whether {@link FakePoller.close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * An eventfd.
   *
   * @param initial - What it counts from, from 0 to 2⁶⁴ − 2.
   */
  eventfd(initial: bigint = 0n): FakeEventFd {
    return FakeEventFd.create(this.#fds, initial);
  }

  /** A pipe. */
  pipe(options: FakePipeOptions = {}): FakePipe {
    return createPipe(this.#fds, options);
  }

  /** Two unix stream sockets, connected to each other. */
  socketpair(): [FakeSocket, FakeSocket] {
    return FakeSocket.pair(this.#fds);
  }

  /** A file whose readiness is set by hand. */
  source(): FakeSource {
    return FakeSource.create(this.#fds);
  }

  /** A file whose poll consumes the event that it reports. */
  trigger(): FakeTrigger {
    return FakeTrigger.create(this.#fds);
  }

  /** A regular file, which cannot be watched. */
  file(): FakeRegularFile {
    return FakeRegularFile.create(this.#fds);
  }

  /**
   * Plans something that happens while somebody waits.
   *
   * @param delayMs - How far from now, in milliseconds, at least 0.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if an argument is not what it should be.
   */
  after(delayMs: number, action: () => void): void {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
      throw outOfRange('delayMs', 'a finite number of milliseconds, at least 0', delayMs);
    }
    checkFunction('action', action);
    this.#clock.after(delayMs, action);
  }

  /** Makes the next call of `op` fail with this error. Called again, it is the turn of the call after that. */
  failNext(op: FaultyOp, code: ErrorCode): void {
    this.#faults.fail(op, code);
  }

  /** Makes the next wait that has to block return at once with cause `interrupt`, as a signal does. */
  interruptNext(): void {
    this.#faults.interrupt();
  }

  /**
   * Makes the next wait report no more than so many entries, whatever the batch holds.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if the count is no integer of at least 1.
   */
  limitNext(entryCount: number): void {
    this.#faults.limit(checkInteger('entryCount', entryCount, 1, 0x7fff_ffff));
  }

  /** Empties {@link FakePoller.log}. */
  clearLog(): void {
    this.#log.clear();
  }

  /**
   * @throws `EBADF` if the fd is not open or the poller is closed, `EPERM` for a regular file, `EEXIST` if it is watched,
   * `EINVAL` for EXCLUSIVE beside what it excludes.
   */
  add(fd: number, events: EventSet, generation: number): void {
    this.#control({ op: 'add', fd, events, generation }, fd, () => this.#epoll.add(fd, events, generation));
  }

  /**
   * @throws `EBADF` if the fd is not open or the poller is closed, `EPERM` for a regular file, `ENOENT` if it is not
   * watched, `EINVAL` if EXCLUSIVE is asked for now or was when it was added.
   */
  modify(fd: number, events: EventSet, generation: number): void {
    this.#control({ op: 'modify', fd, events, generation }, fd, () => this.#epoll.modify(fd, events, generation));
  }

  /** @throws `EBADF` if the poller is closed. */
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

  /**
   * @throws `EBADF` if the poller is closed.
   * @throws `ERR_EM_FAKE_WOULD_BLOCK` if the timeout is `Infinity` and nothing can end the wait. The message names what
   * is watched.
   */
  wait(batch: ReadyBatch, timeoutMs: number): number {
    this.#assertOpen('epoll_wait');
    this.#failIfAsked('wait', 'epoll_wait');
    const clock = this.#clock;
    const limit = Math.min(batch.capacity, this.#faults.takeLimit());
    const deadlineMs = clock.nowMs + timeoutMs;
    for (;;) {
      clock.runDue();
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
      clock.advanceTo(nextMs);
    }
  }

  /** @throws `EBADF` if the poller is closed. */
  wake(): void {
    this.#assertOpen('write');
    this.#wakeFile.add(1n);
  }

  /** @throws `EBADF` if the poller is closed. */
  rebuild(interests: readonly Interest[]): void {
    // Copied, for what the manager hands over changes with its registrations.
    const copies = interests.map(({ fd, events, generation }) => ({ fd, events, generation }));
    this.#control({ op: 'rebuild', interests: copies }, undefined, () => {
      const fresh = new FakeEpoll(this.#fds, this.#wakeFile);
      for (const { fd, events, generation } of copies.filter(({ fd }) => this.#epoll.has(fd))) {
        fresh.add(fd, events, generation);
      }
      this.#epoll.close();
      this.#epoll = fresh;
    });
  }

  close(): void {
    this.#closed = true;
    this.#epoll.close();
  }

  /** Why a wait comes back though nothing is ready: in the order in which the kernel asks. */
  #causeToReturn(isWoken: boolean, deadlineMs: number): WaitCause | undefined {
    if (isWoken) {
      return 'wake';
    }
    if (this.#clock.nowMs >= deadlineMs) {
      return 'timeout';
    }
    return this.#faults.takeInterrupt() ? 'interrupt' : undefined;
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
