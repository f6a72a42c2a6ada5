// For those who write fd types: what a type of their own does when it is closed.

import { attempt, closeFailed } from './closing.js';
import { type FdObject, ON_ADD } from './fd-object.js';
import type { Registration } from './registration.js';

const NONE: readonly Registration[] = [];

/**
 * A source that ends its registrations, with whatever managers of this thread, before it is closed: so that none of them
 * goes on watching a number that is somebody else's by then.
 *
 * @example A source over an API that has numbers of its own
 * ```ts
 * import { FdOwner } from '@em/core/fd-owner';
 *
 * class Channel extends FdOwner {
 *   readonly fd: number;
 *
 *   constructor(fd: number) {
 *     super();
 *     this.fd = fd;
 *   }
 *
 *   protected override release(): void {
 *     closeChannel(this.fd);
 *   }
 * }
 * ```
 */
export abstract class FdOwner implements FdObject {
  abstract readonly fd: number;
  /** Those that have not ended, and perhaps some that have: seldom more than one. `undefined` once it is closed. */
  #registrations: readonly Registration[] | undefined = NONE;

  // Written like this, since the name of a method in a class that is exported cannot be computed.
  static {
    Object.defineProperty(FdOwner.prototype, ON_ADD, {
      value(this: FdOwner, registration: Registration): void {
        const former = this.#registrations;
        if (former !== undefined) {
          this.#registrations = former.some(isActive) ? [...former.filter(isActive), registration] : [registration];
        }
      },
    });
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#registrations === undefined;
  }

  /**
   * Ends its registrations, then closes it. A pending `once` is rejected with `ERR_EM_NOT_REGISTERED`. A second call does
   * nothing.
   *
   * @throws What closing it throws, or what ends a registration; AggregateError `ERR_EM_CLOSE_FAILED` if that is more
   * than one. It is closed nevertheless.
   */
  close(): void {
    const registrations = this.#registrations;
    if (registrations === undefined) {
      return;
    }
    this.#registrations = undefined;
    const failures: unknown[] = [];
    for (const registration of registrations) {
      attempt(() => registration.delete(), failures);
    }
    attempt(() => this.release(), failures);
    if (failures.length > 0) {
      throw failures.length === 1 ? failures[0] : closeFailed(`fd ${registrations[0]?.fd}`, failures);
    }
  }

  /** The same as {@link FdOwner.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes what it stands for. Called once, when there is no registration any more. */
  protected abstract release(): void;
}

function isActive({ active }: Registration): boolean {
  return active;
}
