import type { EventSet } from './event-set.js';

/**
 * What `add` returns: one fd that a manager watches, until the registration ends. It affects its own registration only.
 * Once it has ended it stays ended, even if the number is used again.
 *
 * After the end, every method but `delete`, `ref`, `unref` and `hasRef` throws EventManagerError `ERR_EM_NOT_REGISTERED`, or `ERR_EM_CLOSED` if the
 * manager is closed.
 */
export interface Registration {
  /** The fd it was added with. */
  readonly fd: number;

  /** The interest. During a pause, the interest after the pause. */
  readonly events: EventSet;

  /** The name that was given to `add`. */
  readonly label: string | undefined;

  /** Whether it has not ended. It ends by `delete`, when the manager is closed, and when its number is added again. */
  readonly active: boolean;

  /** Whether it is paused. */
  readonly paused: boolean;

  /**
   * Whether its callback runs, or the promise of it is pending, if it was added with `serial`. Until the end of that it is
   * not called again, and the changes that you make to it do not take effect.
   */
  readonly pending: boolean;

  /** Whether it is a ONE_SHOT that has reported, and is silent until it is re-armed. */
  readonly fired: boolean;

  /** The number by which the poller distinguishes its events from others. Re-arming and resuming change it. */
  readonly generation: number;

  /**
   * Replaces the interest, and re-arms a ONE_SHOT that has fired.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `events` is not a set of events.
   * @throws EventManagerError `ERR_EM_CONFLICTING_EVENTS` if the kernel refuses the set, or if the old or the new set
   * has EXCLUSIVE, which only `add` can set.
   * @throws The poller's error (`EBADF` or `ENOENT`: the fd is closed). The interest does not change then.
   */
  modify(events: EventSet): void;

  /** Adds events to the interest. Throws like {@link Registration.modify}. */
  enable(events: EventSet): void;

  /** Removes events from the interest. Throws like {@link Registration.modify}. */
  disable(events: EventSet): void;

  /** Makes `EventManager.run` keep the process alive for this registration, until it ends. This is the default. */
  ref(): this;

  /**
   * Lets the process end although this registration has not ended. As with `EventManager.unref`, do not await `run` at the
   * top level if nothing else keeps the process alive: Node exits with code 13 then.
   */
  unref(): this;

  /** Whether `EventManager.run` keeps the process alive for this registration. `EventManager.unref` does not change it. */
  hasRef(): boolean;

  /** Stops all events, HANG_UP and ERROR included, until {@link Registration.resume}. A second call does nothing. */
  pause(): void;

  /**
   * Ends a pause. The next wait reports what is ready by then.
   *
   * @throws The poller's error, like `EventManager.add`. The registration stays paused then.
   */
  resume(): void;

  /** Lets a fired ONE_SHOT report again, at once if it is ready. Throws like {@link Registration.modify}. */
  rearm(): void;

  /**
   * Ends the registration. The manager does not call its callback again, even for an event in the current batch.
   *
   * @returns `false` if it had ended before. It does not matter whether the fd is closed by now.
   */
  delete(): boolean;

  /** The same as {@link Registration.delete}, for `using`. */
  [Symbol.dispose](): void;
}
