import type { Binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import type { Forgotten } from '../fds/leak-guard.js';
import type { ConsumedFiles } from './consumed-files.js';
import { createEpoll } from './epoll-instance.js';
import type { WakerHandle } from './waker.js';

/** The number that a closed poller passes to the kernel. No fd has it, so the kernel answers `EBADF`. */
export const CLOSED = -1;

/** The fds of a poller. They hold no reference to it, so that they can be closed once it is garbage-collected. */
export class PollerFiles implements Forgotten {
  readonly #native: Binding;
  epollFd: number;
  wakeFd: number;
  /** Made on demand. From then on, other threads may wake the poller at any time. */
  waker: WakerHandle | undefined;
  /** Made for the first file whose poll consumes the event. */
  consumed: ConsumedFiles | undefined;
  /** Contains `epollFd`. Made when it is first asked for. */
  outerFd: number | undefined;

  /** @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`. */
  constructor(native: Binding) {
    this.#native = native;
    this.epollFd = createEpoll(native);
    this.wakeFd = native.eventfd(0, 0);
    if (this.wakeFd < 0) {
      native.close(this.epollFd);
      checked(this.wakeFd, 'eventfd');
    }
  }

  get fd(): number {
    return this.epollFd;
  }

  /**
   * A second call does nothing.
   *
   * @returns The results of the calls.
   */
  close(): number[] {
    if (this.epollFd === CLOSED) {
      return [];
    }
    const { epollFd, wakeFd, waker, consumed, outerFd } = this;
    // Once closed, the numbers may belong to other files.
    this.epollFd = this.wakeFd = CLOSED;
    this.waker = this.consumed = this.outerFd = undefined;
    return [
      ...(consumed?.close() ?? []),
      waker === undefined ? this.#native.close(wakeFd) : this.#native.closeSharedFd(waker.sharedFd),
      this.#native.close(epollFd),
      ...(outerFd === undefined ? [] : [this.#native.close(outerFd)]),
    ];
  }
}
