import type { Cancel, Timers } from '../ports.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';

/** The silence after which a client is let go: this, or a tenth of the deadline if that is shorter. */
const QUIET_MS = 1000;
/** The number of ticks in that time. A client may be let go one tick later. */
const TICKS = 4;

/**
 * Lets the connections end, and still sends back what clients send.
 *
 * When a client has been silent for a while and has received everything, the server ends its half. It closes the connection
 * only when the client has ended its half too: if the client sent more, closing would reset the connection, and the reset
 * may overtake bytes that are under way to the client. A client that stays silent for that time again loses nothing.
 */
export class Drain {
  readonly #connections: Connections<Connection>;
  readonly #stopTicking: Cancel;

  /** @param deadlineMs - The time until all connections are closed. */
  constructor(connections: Connections<Connection>, timers: Timers, deadlineMs: number) {
    this.#connections = connections;
    const tickMs = Math.max(1, Math.min(QUIET_MS, deadlineMs / 10) / TICKS);
    this.#stopTicking = timers.every(tickMs, () => this.#tick());
    for (const connection of connections) {
      connection.quietTicks = 0;
    }
  }

  stop(): void {
    this.#stopTicking();
  }

  #tick(): void {
    this.#connections.age(TICKS, (connection) => {
      if (connection.isServed) {
        connection.finish();
      } else {
        connection.close();
      }
    });
  }
}
