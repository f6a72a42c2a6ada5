import type { Binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import type { Forgotten } from '../fds/forgotten-fds.js';
import type { ConsumedFiles } from './consumed-files.js';
import type { WakerHandle } from './waker.js';

/** No fd has this number, so the kernel answers a closed poller with EBADF. */
export const CLOSED = -1;

/** The fds of a poller. They know nothing of it, so that they can be closed once it is garbage-collected. */
export class PollerFiles implements Forgotten {
  readonly #native: Binding;
  epollFd: number;
  wakeFd: number;
  /** Once it is given out, other threads may wake the poller at any time. */
  waker: WakerHandle | undefined;
  /** Made for the first file whose poll consumes the event. */
  consumed: ConsumedFiles | undefined;

  /** @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`. */
  constructor(native: Binding) {
    this.#native = native;
    this.epollFd = createEpoll(native);
    this.wakeFd = native.eventfd(0);
    if (this.wakeFd < 0) {
      native.close(this.epollFd);
      checked(this.wakeFd, 'eventfd');
    }
  }

  get fd(): number {
    return this.epollFd;
  }

  /** @returns What each of the closes returned. A second call does nothing. */
  close(): number[] {
    if (this.epollFd === CLOSED) {
      return [];
    }
    const { epollFd, wakeFd, waker, consumed } = this;
    // The numbers may belong to somebody else from now on.
    this.epollFd = this.wakeFd = CLOSED;
    this.waker = this.consumed = undefined;
    return [
      ...(consumed?.close() ?? []),
      waker === undefined ? this.#native.close(wakeFd) : this.#native.closeSharedFd(waker.sharedFd),
      this.#native.close(epollFd),
    ];
  }
}

export function createEpoll(native: Binding): number {
  return checked(native.epollCreate(), 'epoll_create1');
}
