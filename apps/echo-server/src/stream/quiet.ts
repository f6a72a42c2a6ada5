import type { EventManager, Timer } from '@em/core';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';

/** The number of ticks in the idle time. A connection may be closed one tick later. */
const IDLE_TICKS = 8;
/** The silence after which a client is let go: this, or a tenth of the deadline if that is shorter. */
const QUIET_MS = 1000;
/** The number of ticks in that time. A client may be let go one tick later. */
const QUIET_TICKS = 4;

/**
 * Ends connections on which nothing has happened for a time, or at most an eighth longer. All share one timer: an event
 * neither sets a timer nor reads the clock. If a client has received something in that time, it gets the time again.
 */
export class IdleSweep {
  readonly #ticks: Timer | undefined;

  /** @param idleMs - `Infinity` for never. */
  constructor(
    connections: Connections<Connection>,
    manager: EventManager,
    idleMs: number,
    onIdle: (connection: Connection) => void,
  ) {
    if (idleMs !== Number.POSITIVE_INFINITY) {
      this.#ticks = manager.every(idleMs / IDLE_TICKS, () =>
        connections.age(0, (connection) => this.#tick(connection, onIdle)),
      );
    }
  }

  stop(): void {
    this.#ticks?.cancel();
  }

  /** Asks the kernel at the first tick and at the last, not for every connection at every tick. */
  #tick(connection: Connection, onIdle: (connection: Connection) => void): void {
    if (connection.quietTicks === 1) {
      connection.checkDelivery();
    } else if (connection.quietTicks > IDLE_TICKS) {
      if (connection.checkDelivery()) {
        connection.quietTicks = 1;
      } else {
        onIdle(connection);
      }
    }
  }
}

/**
 * Lets the connections end, and still sends back what clients send.
 *
 * When a client has been silent for a while and has received everything, the server ends its half. It closes the connection
 * only when the client has ended its half too: if the client sent more, closing would reset the connection, and the reset
 * may overtake bytes that are under way to the client. A client that stays silent for that time again loses nothing.
 */
export class Drain {
  readonly #connections: Connections<Connection>;
  readonly #ticks: Timer;

  /** @param deadlineMs - The time until all connections are closed. */
  constructor(connections: Connections<Connection>, manager: EventManager, deadlineMs: number) {
    this.#connections = connections;
    const tickMs = Math.max(1, Math.min(QUIET_MS, deadlineMs / 10) / QUIET_TICKS);
    this.#ticks = manager.every(tickMs, () => this.#tick());
    for (const connection of connections) {
      connection.quietTicks = 0;
    }
  }

  stop(): void {
    this.#ticks.cancel();
  }

  #tick(): void {
    this.#connections.age(QUIET_TICKS, (connection) => {
      if (connection.isServed) {
        connection.finish();
      } else {
        connection.close();
      }
    });
  }
}
