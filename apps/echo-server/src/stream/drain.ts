import type { CallOff, Timers } from '../ports.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';

/** How long a client must be silent to be let go, if there is time; a tenth of the time otherwise. */
const QUIET_MS = 1000;
/** Into how many parts that is cut: it may become one part more. */
const TICKS = 4;

/**
 * Lets connections go: what clients have sent comes back, and each is told the end when it pauses.
 *
 * A client that is silent for a while and has got everything is told the end. It is closed only when it has ended its
 * half as well: were it about to send, closing would reset it, and the reset may overtake what is on its way to it.
 * One that is silent for that long again has nothing to lose.
 */
export class Drain {
  readonly #connections: Connections<Connection>;
  readonly #stopTicking: CallOff;

  /** @param deadlineMs - How much time there is. */
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
