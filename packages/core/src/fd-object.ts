import type { Registration } from './registration.js';

/**
 * The key of a method of fd objects: the manager calls it with each new registration, so that the object can end its
 * registrations before it closes its fd. The base class `FdOwner` of `@em/core/fd-owner` does this. Every copy of this
 * package uses the same key.
 */
export const ON_ADD: unique symbol = Symbol.for('@em/core.onAdd');

/** Any object that has an fd. The manager holds it while it is registered. */
export interface FdObject {
  readonly fd: number;

  /**
   * Called by `add`, `once` and `on` with the registration that they are about to make. It is not active yet, and never
   * becomes active if the poller refuses it. If this method throws, they throw the same error and add nothing.
   *
   * A `once` or `on` that joins others that wait for this fd calls it with their registration, which is active. The
   * method may have been called with that before.
   */
  [ON_ADD]?(registration: Registration): void;
}

/** An fd, or an object that has one. */
export type FdLike = number | FdObject;

/** An fd object that can be closed, so that a registration can own it. */
export interface ClosableFdObject extends FdObject {
  close(): void;
}

/** Calls `ON_ADD` of the fd object, if it has that. This runs code of the user, which may throw. */
export function announce(registration: Registration, target: FdLike): void {
  if (typeof target === 'object') {
    target[ON_ADD]?.(registration);
  }
}
