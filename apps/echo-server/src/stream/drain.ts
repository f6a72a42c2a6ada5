import type { CallOff, Timers } from '../ports.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';

/** How often the connections are looked at. */
const TICK_MS = 50;
/** How long a client that has got everything, and the end, may take to end its half: a second. */
const LINGER_TICKS = 20;

/**
 * Lets connections go: what clients have sent comes back, and each is told the end when it pauses.
 *
 * A client that has been quiet for a tick and has got everything is told the end. It is closed only when it has ended
 * its half as well: were it about to send, closing would reset it, and the reset may overtake what is on its way to it.
 * One that is quiet for another second has nothing to lose.
 */
export class Drain {
  readonly #connections: Connections<Connection>;
  readonly #stopTicking: CallOff;

  constructor(connections: Connections<Connection>, timers: Timers) {
    this.#connections = connections;
    this.#stopTicking = timers.every(TICK_MS, () => this.#tick());
    for (const connection of connections) {
      connection.quietTicks = 0;
    }
  }

  stop(): void {
    this.#stopTicking();
  }

  #tick(): void {
    this.#connections.age(1, (connection) => {
      if (connection.isUnfinished) {
        connection.finish();
      } else if (connection.quietTicks > LINGER_TICKS) {
        connection.close();
      }
    });
  }
}
