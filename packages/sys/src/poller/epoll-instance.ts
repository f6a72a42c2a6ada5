import { EventManagerError, EventSet } from '@em/core';
import { FdOwner } from '@em/core/fd-owner';
import type { Binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';

/** The generation of fds that belong to the poller itself. No registration has it. */
export const OWN_GENERATION = 0;
const IN_EDGE_TRIGGERED = EventSet.union(EventSet.IN, EventSet.EDGE_TRIGGERED);

export function createEpoll(native: Binding): number {
  return checked(native.epollCreate(), 'epoll_create1');
}

/** Adds an eventfd of the poller itself. */
export function addOwn(native: Binding, epollFd: number, eventFd: number): void {
  checked(native.epollAdd(epollFd, eventFd, IN_EDGE_TRIGGERED, OWN_GENERATION), 'epoll_ctl', eventFd);
}

/**
 * An epoll instance that contains the one of a poller, and is readable whenever that is. A rebuild replaces the inner
 * instance; a loop that watches the outer one does not notice.
 */
export class OuterEpoll extends FdOwner {
  readonly #native: Binding;
  readonly #fd: number;

  /** @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`. */
  constructor(native: Binding, inner: number) {
    super();
    this.#native = native;
    this.#fd = createEpoll(native);
    try {
      this.contain(inner);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @throws EventManagerError `ERR_EM_CLOSED` if the poller is closed. */
  get fd(): number {
    if (this.closed) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot use the fd of this poller: it is closed');
    }
    return this.#fd;
  }

  /** Adds an inner instance. The former one leaves when it is closed. */
  contain(inner: number): void {
    checked(this.#native.epollAdd(this.#fd, inner, EventSet.IN, OWN_GENERATION), 'epoll_ctl', inner);
  }

  protected override release(): void {
    checked(this.#native.close(this.#fd), 'close', this.#fd);
  }
}
