import type { CallOff, Timers } from '../ports.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';

/** Into how many parts the time is cut: a connection may be idle for one part too long. */
const TICKS = 8;

/**
 * Ends connections on which nothing has happened for a time, or at most an eighth longer. One timer serves all: nothing
 * is set, and no clock is read, when something happens on one of them.
 */
export class IdleSweep {
  readonly #stop: CallOff;

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
        : timers.every(idleMs / TICKS, () => connections.age(TICKS, onIdle));
  }

  stop(): void {
    this.#stop();
  }
}
