import type { EventCallback, EventSet } from '@em/core';

/** What the table uses of a connection. */
export interface Member {
  /** The number of `age` calls since the last event. */
  quietTicks: number;

  onReady(events: EventSet): void;
}

/**
 * The open connections, by fd. The kernel assigns the lowest free number, so the table stays small and dense. All
 * connections share one callback, which finds the connection of an event in this table.
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

  /** In order of fd. Connections may be closed during the iteration. */
  *[Symbol.iterator](): Generator<C, void, undefined> {
    for (const connection of this.#byFd) {
      if (connection !== undefined) {
        yield connection;
      }
    }
  }

  /**
   * Counts a tick for every connection, and calls `onQuiet` for those that had no event for more than `maxQuietTicks`. An
   * event resets the count of its connection. So an event neither reads the clock nor sets a timer.
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
