import type { EventSet } from './event-set.js';
import type { Registration } from './registration.js';
import type { Timer } from './timer.js';

/**
 * Sees what a manager does beside the calls of its poller, for a poller that records it or reports it. It must not change
 * the manager, and must not throw.
 */
export interface Observer {
  /**
   * Called by `add`, `once` and `on` immediately before {@link Poller.add}, which may still refuse the registration.
   *
   * @param callback - What the manager would call.
   * @returns What the manager calls instead: `callback`, or a function that calls it and returns what it returns.
   */
  onAdd?(
    registration: Registration,
    callback: (events: EventSet, registration: Registration) => unknown,
  ): (events: EventSet, registration: Registration) => unknown;

  /** The same for the timers of the manager, which no poller is asked for. Called before the timer is set. */
  onTimer?(timer: Timer, callback: (timer: Timer) => unknown): (timer: Timer) => unknown;

  /** Called when a registration ends, for whatever reason. It is not active any more. */
  onEnd?(registration: Registration): void;

  /** Called with each error that a callback throws, or that its promise rejects with, before the manager handles it. */
  onError?(error: unknown, handle: Registration | Timer): void;
}
