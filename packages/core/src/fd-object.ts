import type { Registration } from './registration.js';

/**
 * The key of a method by which an object that is added is told of its registration, so that it can delete it before it
 * is closed. `@em/core/fd-owner` has a base class that does. Every copy of this package has the same key.
 */
export const ON_ADD: unique symbol = Symbol.for('@em/core.onAdd');

/** Anything that has a file descriptor. It is held as long as it is registered. */
export interface FdObject {
  readonly fd: number;

  /**
   * Called by `add`, `once` and `on` with the registration that they are about to make: not active yet, and never to be
   * if the poller refuses it. What it throws comes out of them, and nothing is added.
   */
  [ON_ADD]?(registration: Registration): void;
}

/** What can be watched: a file descriptor, or anything that has one. */
export type FdLike = number | FdObject;

/** A source that can be handed over: it is closed when its registration ends. */
export interface ClosableFdObject extends FdObject {
  close(): void;
}
