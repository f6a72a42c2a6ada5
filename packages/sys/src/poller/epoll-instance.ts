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
  /** Keeps the poller from being collected while only the registrations of its fd hold it. */
  readonly poller: object;
  readonly #fd: number;

  constructor(poller: object, fd: number) {
    super();
    this.poller = poller;
    this.#fd = fd;
  }

  /** @throws EventManagerError `ERR_EM_CLOSED` if the poller is closed. */
  get fd(): number {
    if (this.closed) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot use the fd of this poller: it is closed');
    }
    return this.#fd;
  }

  protected override release(): void {
    // The poller closes its fds, together.
  }
}

/**
 * Makes an epoll instance that contains another one.
 *
 * @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`.
 */
export function createOuter(native: Binding, inner: number): number {
  const outer = createEpoll(native);
  try {
    contain(native, outer, inner);
  } catch (error) {
    native.close(outer);
    throw error;
  }
  return outer;
}

/** Adds an inner instance. The former one leaves when it is closed. */
export function contain(native: Binding, outer: number, inner: number): void {
  checked(native.epollAdd(outer, inner, EventSet.IN, OWN_GENERATION), 'epoll_ctl', inner);
}
