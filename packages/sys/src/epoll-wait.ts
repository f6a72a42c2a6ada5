import { constants } from 'node:os';
import type { Binding } from './binding.js';

const { ENOSYS, EPERM } = constants.errno;

/** The longest timeout of epoll_wait(2), an `int` of milliseconds: 24.8 days. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;
const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_SECOND = 1_000_000_000;

/** Waits on an epoll instance for as long as it is told to, which no single system call can do for every timeout. */
export class EpollWait {
  readonly #native: Pick<Binding, 'epollWait' | 'epollPwait2'>;
  #canWaitFractions = true;

  constructor(native: Pick<Binding, 'epollWait' | 'epollPwait2'>) {
    this.#native = native;
  }

  /** @returns How many entries are ready, 0 once the time is up and not before, or `-errno`. */
  wait(epollFd: number, words: Uint32Array, timeoutMs: number): number {
    if (timeoutMs <= MAX_TIMEOUT_MS || timeoutMs === Number.POSITIVE_INFINITY) {
      return this.#waitOnce(epollFd, words, timeoutMs);
    }
    const deadline = performance.now() + timeoutMs;
    let remainingMs = timeoutMs;
    let count = 0;
    while (count === 0 && remainingMs > 0) {
      count = this.#waitOnce(epollFd, words, Math.min(remainingMs, MAX_TIMEOUT_MS));
      remainingMs = deadline - performance.now();
    }
    return count;
  }

  #waitOnce(epollFd: number, words: Uint32Array, timeoutMs: number): number {
    if (Number.isInteger(timeoutMs) || timeoutMs === Number.POSITIVE_INFINITY) {
      return this.#native.epollWait(epollFd, words, timeoutMs);
    }
    if (this.#canWaitFractions) {
      const count = this.#waitFraction(epollFd, words, timeoutMs);
      // ENOSYS: Linux before 5.11; EPERM: a seccomp filter that has not heard of it.
      if (count !== -ENOSYS && count !== -EPERM) {
        return count;
      }
      this.#canWaitFractions = false;
    }
    return this.#native.epollWait(epollFd, words, Math.ceil(timeoutMs));
  }

  #waitFraction(epollFd: number, words: Uint32Array, timeoutMs: number): number {
    const seconds = Math.floor(timeoutMs / MS_PER_SECOND);
    const nanoseconds = Math.ceil((timeoutMs - seconds * MS_PER_SECOND) * NS_PER_MS);
    return nanoseconds < NS_PER_SECOND
      ? this.#native.epollPwait2(epollFd, words, seconds, nanoseconds)
      : this.#native.epollPwait2(epollFd, words, seconds + 1, 0);
  }
}
