import type { EventManager } from '@em/core';
import type { EchoServer } from '../server.js';

/**
 * The state of a service: `'degraded'` while a failed thread is being replaced, `'stuck'` while a thread neither answers nor
 * ends.
 */
export type Health = 'serving' | 'degraded' | 'stuck';

/** A running echo server, in this thread or in others. */
export interface Service {
  /** Rejected when the service fails. */
  readonly failure: Promise<never>;

  readonly health: Health;

  /**
   * Accepts no more clients, sends each client what is left for it, closes the sockets, and ends.
   *
   * @param deadlineMs - The time after which the service ends anyway.
   */
  drain(deadlineMs: number): Promise<void>;
}

/** Runs a server in the event loop of this thread. */
export function localService(manager: EventManager, server: EchoServer): Service {
  const running = manager.run();
  return {
    failure: new Promise((_resolve, reject) => running.catch(reject)),
    // The caller runs in the same event loop, so this loop is not blocked.
    health: 'serving',
    async drain(deadlineMs) {
      await server.drain(deadlineMs);
      manager.close();
      await running;
    },
  };
}
