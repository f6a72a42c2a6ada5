import type { EventCallback, EventSet, Registration } from '@em/core';

interface Call {
  readonly fd: number;
  readonly events: EventSet;
}

/** A callback that writes down what it was called with. */
export class Calls {
  #calls: Call[] = [];

  readonly callback = (events: EventSet, registration: Registration): void => {
    this.#calls.push({ fd: registration.fd, events });
  };

  /** A callback that does something after having written down. */
  and(action: EventCallback): EventCallback {
    return (events, registration) => {
      this.callback(events, registration);
      void action(events, registration);
    };
  }

  get count(): number {
    return this.#calls.length;
  }

  /** The fds in the order of the calls. */
  get fds(): number[] {
    return this.#calls.map(({ fd }) => fd);
  }

  /** The fds in their own order. */
  get sortedFds(): number[] {
    return this.fds.sort((a, b) => a - b);
  }

  /** The events in the order of the calls. */
  get events(): EventSet[] {
    return this.#calls.map(({ events }) => events);
  }

  clear(): void {
    this.#calls = [];
  }
}
