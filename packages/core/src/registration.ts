import type { EventSet } from './event-set.js';

/**
 * One fd in the care of a manager, from `add` to its end. A handle touches its own registration and no other: once
 * ended it stays so, though the number be used again.
 */
export interface Registration {
  /** The number it was added with. */
  readonly fd: number;

  /** Its interest. While paused, what it will be interested in again. */
  readonly events: EventSet;

  /** The name given when it was added. */
  readonly label: string | undefined;

  /** Whether it still exists: `false` after `delete`, after the manager is closed, or once its number was added anew. */
  readonly active: boolean;

  /** Whether it is paused. */
  readonly paused: boolean;

  /** Whether it is a ONE_SHOT that has reported, and is silent until it is re-armed. */
  readonly fired: boolean;

  /** What the poller tells its events from others by. It is another one after it was re-armed or resumed. */
  readonly generation: number;

  /**
   * Replaces the interest, and re-arms a ONE_SHOT that has fired.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `events` is no set of events.
   * @throws EventManagerError `ERR_EM_CONFLICTING_EVENTS` if the kernel refuses the set, or either set has EXCLUSIVE,
   * which can only be given by `add`.
   * @throws EventManagerError `ERR_EM_NOT_REGISTERED` if it has ended, `ERR_EM_CLOSED` if the manager is closed.
   * @throws The poller's error (`EBADF` or `ENOENT`: the fd was closed meanwhile). The interest is then as it was.
   */
  modify(events: EventSet): void;

  /** Adds events to the interest. Throws as {@link Registration.modify} does. */
  enable(events: EventSet): void;

  /** Takes events out of the interest. Throws as {@link Registration.modify} does. */
  disable(events: EventSet): void;

  /**
   * Stops all events, HANG_UP and ERROR included, until {@link Registration.resume}. Pausing twice is pausing once.
   *
   * @throws EventManagerError `ERR_EM_NOT_REGISTERED` if it has ended, `ERR_EM_CLOSED` if the manager is closed.
   */
  pause(): void;

  /**
   * Ends a pause; what is ready by then is delivered by the next wait.
   *
   * @throws EventManagerError `ERR_EM_NOT_REGISTERED` if it has ended, `ERR_EM_CLOSED` if the manager is closed.
   * @throws The poller's error, as `EventManager.add` does. It stays paused then.
   */
  resume(): void;

  /** Lets a fired ONE_SHOT report again, at once if it is ready. Throws as {@link Registration.modify} does. */
  rearm(): void;

  /**
   * Ends the registration. Its callback is not called again, not even for an event that is in the current batch.
   *
   * @returns Whether it was there: `false` if it had ended before. That the fd is closed by now makes no difference.
   */
  delete(): boolean;

  /** The same as {@link Registration.delete}, for `using`. */
  [Symbol.dispose](): void;
}
