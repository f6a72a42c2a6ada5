import type { EventSet } from '@em/core';

/** One entry of the interest list of a `FakePoller`, as it was when you asked. */
export interface FakeInterest {
  /** The number with which it was added. */
  readonly fd: number;
  /** The interest. */
  readonly events: EventSet;
  /** The number that distinguishes this registration from others of the same fd. */
  readonly generation: number;
  /** `false` if it is a ONE_SHOT that has reported. */
  readonly armed: boolean;
  /** The events that are true of the file now and that it asks for. Looking does not consume them. */
  readonly pending: EventSet;
  /**
   * Whether it is in the ready list. Events that are pending while it is not are never reported, unless something puts it
   * there: another edge, a modify.
   */
  readonly isQueued: boolean;
  /**
   * Whether the number still stands for the file that was added. If it does not, `modify` and `delete` cannot reach the
   * entry, although it still reports.
   */
  readonly isReachable: boolean;
}
