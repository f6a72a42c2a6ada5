import type { EventManager } from '@em/core';
import { Counters, type Counts } from '../counters.js';

/**
 * The state of a service: `'degraded'` while a failed thread is being replaced, `'stuck'` while a thread neither answers nor
 * ends.
 */
export type Health = 'serving' | 'degraded' | 'stuck';

/** A running echo server, in this thread or in others. */
export interface Service {
  readonly health: Health;

  /**
   * Accepts no more clients, sends each client what is left for it, closes the sockets, and ends.
   *
   * @param deadlineMs - The time after which the service ends anyway.
   */
  drain(deadlineMs: number): Promise<void>;
}

/** The state of the server, for `/health` and `/metrics`. */
export class Status {
  phase: 'starting' | 'serving' | 'stopping' = 'starting';
  counts: Counts = new Counters();
  service: Pick<Service, 'health'> = { health: 'serving' };
}

/** Drives a manager in the event loop of this thread. Rejects when a callback throws, and never resolves. */
export function failureOf(manager: EventManager): Promise<never> {
  const running = manager.run();
  return new Promise((_resolve, reject) => running.catch(reject));
}
