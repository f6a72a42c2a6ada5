import { constants } from 'node:os';
import { type Binding, isMainThread } from '../addon/binding.js';
import { Looks } from './looks.js';

const { ENOSYS, EPERM } = constants.errno;

/** The longest timeout of epoll_wait(2), an `int` of milliseconds: 24.8 days. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;
const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_SECOND = 1_000_000_000;

/** How long one system call blocks a worker. A worker can be terminated only between two calls, in JavaScript. */
const WORKER_STRETCH_MS = 100;

/**
 * Waits on an epoll instance for any timeout. One system call cannot wait for every timeout.
 *
 * A call that may block takes longer than one that only looks, even if something is ready: it also changes the signal
 * mask. So a wait looks first, unless the last looks have found nothing, as in a thread that sleeps before every event.
 */
export class EpollWait {
  readonly #native: Pick<Binding, 'epollWait' | 'epollPwait2'>;
  readonly #stretchMs: number;
  readonly #looks = new Looks();
  #canWaitFractions = true;

  constructor(native: Pick<Binding, 'epollWait' | 'epollPwait2'>, isWorker: boolean = !isMainThread()) {
    this.#native = native;
    this.#stretchMs = isWorker ? WORKER_STRETCH_MS : MAX_TIMEOUT_MS;
  }

  /** @returns How many entries are ready; 0 when the time is up, never before; or `-errno`. */
  wait(epollFd: number, entries: ArrayBuffer, timeoutMs: number): number {
    if (timeoutMs > 0 && this.#looks.isDue()) {
      const count = this.#native.epollWait(epollFd, entries, 0);
      this.#looks.note(count !== 0);
      if (count !== 0) {
        return count;
      }
    }
    const isEndless = timeoutMs === Number.POSITIVE_INFINITY && this.#stretchMs === MAX_TIMEOUT_MS;
    if (timeoutMs <= this.#stretchMs || isEndless) {
      return this.#waitOnce(epollFd, entries, timeoutMs);
    }
    // This reads no clock, because a fake clock may stand still. A call that returns 0 has lasted its full stretch.
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
      // ENOSYS: Linux before 5.11. EPERM: a seccomp filter that does not know the call.
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
