import type { EventCallback, EventSet } from '@em/core';

/** What the table needs of a connection. */
export interface Member {
  /** How often it was aged since something last happened. */
  quietTicks: number;

  onReady(events: EventSet): void;
}

/**
 * The connections that are open, by fd: the kernel hands out the lowest free number, so the table stays small and dense.
 * All share the one callback, which finds whom an event is for by looking there.
 */
export class Connections<C extends Member> implements Iterable<C> {
  readonly #byFd: (C | undefined)[] = [];
  #size = 0;

  /** The callback of every connection. */
  readonly onReady: EventCallback = (events, { fd }) => this.#byFd[fd]?.onReady(events);

  get size(): number {
    return this.#size;
  }

  set(fd: number, connection: C): void {
    while (this.#byFd.length <= fd) {
      this.#byFd.push(undefined);
    }
    this.#byFd[fd] = connection;
    this.#size++;
  }

  delete(fd: number): void {
    this.#byFd[fd] = undefined;
    this.#size--;
  }

  /** In order of fd. They may be closed meanwhile. */
  *[Symbol.iterator](): Generator<C, void, undefined> {
    for (const connection of this.#byFd) {
      if (connection !== undefined) {
        yield connection;
      }
    }
  }

  /**
   * Lets time pass: what has been quiet for more than so many ticks is handed over. A connection that hears something
   * starts to count anew, so that nobody has to look at the clock, or set a timer, when something happens.
   */
  age(maxQuietTicks: number, onQuiet: (connection: C) => void): void {
    for (const connection of this) {
      connection.quietTicks++;
      if (connection.quietTicks > maxQuietTicks) {
        onQuiet(connection);
      }
    }
  }
}
