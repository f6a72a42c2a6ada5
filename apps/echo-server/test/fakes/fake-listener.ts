import { EventSet } from '@em/core';
import type { FakeDevice, FakePoller } from '@em/testing';
import type { Stream, StreamListener } from '../../src/ports.js';

/** A listener. The test decides which clients arrive or fail. */
export class FakeListener implements StreamListener {
  readonly #device: FakeDevice;
  readonly #queue: (Stream | Error)[] = [];
  /** While this is set and a client waits, accepting throws it. */
  failure: Error | undefined;
  accepts = 0;
  closed = false;

  constructor(poller: FakePoller) {
    this.#device = poller.device();
  }

  get fd(): number {
    return this.#device.fd;
  }

  /** Makes a client connect. An error stands for a connection that is lost before it is accepted. */
  push(...arrivals: (Stream | Error)[]): void {
    this.#queue.push(...arrivals);
    this.#device.set(EventSet.IN);
  }

  accept(): Stream | undefined {
    this.accepts++;
    if (this.#queue.length > 0 && this.failure !== undefined) {
      throw this.failure;
    }
    const arrival = this.#queue.shift();
    if (this.#queue.length === 0) {
      this.#device.clear(EventSet.IN);
    }
    if (arrival instanceof Error) {
      throw arrival;
    }
    return arrival;
  }

  close(): void {
    this.closed = true;
    this.#device.close();
  }
}
