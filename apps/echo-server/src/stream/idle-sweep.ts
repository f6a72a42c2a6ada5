import type { Cancel, Timers } from '../ports.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';

/** The number of ticks in the idle time. A connection may be closed one tick later. */
const TICKS = 8;

/**
 * Ends connections on which nothing has happened for a time, or at most an eighth longer. All share one timer: an event
 * neither sets a timer nor reads the clock. If a client has received something in that time, it gets the time again.
 */
export class IdleSweep {
  readonly #stop: Cancel;

  /** @param idleMs - `Infinity` for never. */
  constructor(
    connections: Connections<Connection>,
    timers: Timers,
    idleMs: number,
    onIdle: (connection: Connection) => void,
  ) {
    this.#stop =
      idleMs === Number.POSITIVE_INFINITY
        ? () => undefined
        : timers.every(idleMs / TICKS, () => connections.age(0, (connection) => this.#tick(connection, onIdle)));
  }

  /** Asks the kernel at the first tick and at the last, not for every connection at every tick. */
  #tick(connection: Connection, onIdle: (connection: Connection) => void): void {
    if (connection.quietTicks === 1) {
      connection.checkDelivery();
    } else if (connection.quietTicks > TICKS) {
      if (connection.checkDelivery()) {
        connection.quietTicks = 1;
      } else {
        onIdle(connection);
      }
    }
  }

  stop(): void {
    this.#stop();
  }
}
