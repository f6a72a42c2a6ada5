// For authors of fd types: what an object does with its registrations when it closes its fd.

import { attempt, closeFailed } from './closing.js';
import { type FdObject, ON_ADD } from './fd-object.js';
import type { Registration } from './registration.js';

/**
 * The key of a property that fd objects have whose fd belongs to the kernel. A poller with fds of its own refuses them, because
 * their number may be one of its own.
 */
export const KERNEL_FD: unique symbol = Symbol.for('@em/core.kernelFd');

type OneOrMany = Registration | readonly Registration[];

const NONE: readonly Registration[] = [];

/**
 * Base class for objects that own an fd. `close()` ends the registrations of the object, with all managers of this
 * thread, before it closes the fd. So no registration goes on watching a number that belongs to another file by then.
 *
 * @example An fd object on an API that has numbers of its own
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
  /**
   * Those that have not ended, and perhaps some that have. `undefined` once the object is closed. Usually there is one,
   * which then needs no array: that would be a quarter of the memory of a registration.
   */
  #registrations: OneOrMany | undefined = NONE;

  static {
    // The name of a method in an exported class cannot be computed.
    Object.defineProperty(FdOwner.prototype, ON_ADD, {
      value(this: FdOwner, registration: Registration): void {
        const former = this.#registrations;
        if (former !== undefined) {
          this.#registrations = withOne(former, registration);
        }
      },
    });
  }

  /** Whether the object is closed. */
  get closed(): boolean {
    return this.#registrations === undefined;
  }

  /**
   * Ends the registrations, then closes the fd. A pending `once` rejects with `ERR_EM_NOT_REGISTERED`. A second call
   * does nothing.
   *
   * @throws The error of the step that fails, or AggregateError `ERR_EM_CLOSE_FAILED` if several fail. The object is
   * closed nevertheless.
   */
  close(): void {
    if (this.#registrations === undefined) {
      return;
    }
    const registrations = toArray(this.#registrations);
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

  /** Closes the fd. Called once, after the registrations have ended. */
  protected abstract release(): void;
}

/** Adds a registration, and leaves out those that have ended. Allocates nothing if there was one, which has ended. */
function withOne(former: OneOrMany, registration: Registration): OneOrMany {
  if (!isList(former)) {
    return former.active && former !== registration ? [former, registration] : registration;
  }
  if (former.includes(registration)) {
    return former;
  }
  const active = former.filter(isActive);
  return active.length === 0 ? registration : [...active, registration];
}

function toArray(held: OneOrMany): readonly Registration[] {
  return isList(held) ? held : [held];
}

function isList(held: OneOrMany): held is readonly Registration[] {
  return Array.isArray(held);
}

function isActive({ active }: Registration): boolean {
  return active;
}
