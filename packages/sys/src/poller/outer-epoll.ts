import { EventSet } from '@em/core';
import type { Binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { OwnedFd } from '../fds/owned-fd.js';
import { createEpoll } from './poller-files.js';

/** No registration has it. */
const OWN_GENERATION = 0;

/**
 * An epoll instance that contains the one of a poller, and is readable whenever that is. A rebuild replaces the inner
 * instance; a loop that watches the outer one does not notice.
 */
export class OuterEpoll extends OwnedFd {
  readonly #native: Binding;

  /** @throws SystemError `EMFILE`, `ENFILE`, `ENOMEM`. */
  constructor(native: Binding, inner: number) {
    super(createEpoll(native));
    this.#native = native;
    try {
      this.contain(inner);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Adds an inner instance. The former one leaves when it is closed. */
  contain(inner: number): void {
    checked(this.#native.epollAdd(this.fd, inner, EventSet.IN, OWN_GENERATION), 'epoll_ctl', inner);
  }
}
