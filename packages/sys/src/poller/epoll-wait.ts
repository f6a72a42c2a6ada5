import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import type { Binding } from '../addon/binding.js';

const { ENOSYS, EPERM } = constants.errno;

/** The longest timeout of epoll_wait(2), an `int` of milliseconds: 24.8 days. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;
const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_SECOND = 1_000_000_000;

/**
 * How long a worker blocks at a stretch. It can be terminated only while it runs JavaScript, which it does in between.
 */
const WORKER_STRETCH_MS = 100;

/** Waits on an epoll instance for as long as it is told to, which no single system call can do for every timeout. */
export class EpollWait {
  readonly #native: Pick<Binding, 'epollWait' | 'epollPwait2'>;
  readonly #stretchMs: number;
  #canWaitFractions = true;

  constructor(native: Pick<Binding, 'epollWait' | 'epollPwait2'>, isWorker: boolean = !isMainThread) {
    this.#native = native;
    this.#stretchMs = isWorker ? WORKER_STRETCH_MS : MAX_TIMEOUT_MS;
  }

  /** @returns How many entries are ready, 0 once the time is up and not before, or `-errno`. */
  wait(epollFd: number, entries: ArrayBuffer, timeoutMs: number): number {
    const isForEver = timeoutMs === Number.POSITIVE_INFINITY && this.#stretchMs === MAX_TIMEOUT_MS;
    if (timeoutMs <= this.#stretchMs || isForEver) {
      return this.#waitOnce(epollFd, entries, timeoutMs);
    }
    // No clock is asked: it may be a fake one that stands still, and a wait that returns 0 has lasted its stretch.
    let count = 0;
    for (let remainingMs = timeoutMs; count === 0 && remainingMs > 0; remainingMs -= this.#stretchMs) {
      count = this.#waitOnce(epollFd, entries, Math.min(remainingMs, this.#stretchMs));
    }
    return count;
  }

  #waitOnce(epollFd: number, entries: ArrayBuffer, timeoutMs: number): number {
    if (Number.isInteger(timeoutMs) || timeoutMs === Number.POSITIVE_INFINITY) {
      return this.#native.epollWait(epollFd, entries, timeoutMs);
    }
    if (this.#canWaitFractions) {
      const count = this.#waitFraction(epollFd, entries, timeoutMs);
      // ENOSYS: Linux before 5.11; EPERM: a seccomp filter that has not heard of it.
      if (count !== -ENOSYS && count !== -EPERM) {
        return count;
      }
      this.#canWaitFractions = false;
    }
    return this.#native.epollWait(epollFd, entries, Math.ceil(timeoutMs));
  }

  #waitFraction(epollFd: number, entries: ArrayBuffer, timeoutMs: number): number {
    const seconds = Math.floor(timeoutMs / MS_PER_SECOND);
    const nanoseconds = Math.ceil((timeoutMs - seconds * MS_PER_SECOND) * NS_PER_MS);
    return nanoseconds < NS_PER_SECOND
      ? this.#native.epollPwait2(epollFd, entries, seconds, nanoseconds)
      : this.#native.epollPwait2(epollFd, entries, seconds + 1, 0);
  }
}
