// @em/core alone, over a poller of its own.

import { createRequire } from 'node:module';
import { EventManager, EventSet, type Poller, type ReadyBatch } from '@em/core';

/** Reports that fd 7 is readable. */
class OneIsReady implements Poller {
  #generation = 0;

  add(_fd: number, _events: EventSet, generation: number): void {
    this.#generation = generation;
  }
  modify(_fd: number, _events: EventSet, generation: number): void {
    this.#generation = generation;
  }
  delete(_fd: number): void {
    this.#generation = 0;
  }
  wait(batch: ReadyBatch, _timeoutMs: number): number {
    batch.set(0, 7, EventSet.IN, this.#generation);
    batch.cause = 'events';
    return 1;
  }
  wake(): void {
    throw new Error('no call of wait');
  }
  close(): void {
    this.#generation = 0;
  }
}

const manager = new EventManager({ poller: new OneIsReady() });
manager.add(7, EventSet.IN, (events, { fd }) => console.log(`fd ${fd}: ${EventSet.format(events)}`));
manager.wait();

const required = createRequire(import.meta.url)('@em/core') as typeof import('@em/core');
console.log('require:', required.EventManager === EventManager);
