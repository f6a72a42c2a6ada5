// Dispatches ten million events, and prints how many there were and how often the garbage collector ran meanwhile.
// Run by ../no-allocation.test.ts, which gives the kind of event and the number of them a wait, with a young generation
// so small that 16 bytes per event fill it hundreds of times.

import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { EventManager, EventSet, type Poller, ReadyBatch } from '@em/core';

const EVENTS = 10_000_000;
const WARM_UP_EVENTS = 1_000_000;

const [, , kind = '', capacityGiven] = process.argv;
const capacity = Number(capacityGiven);

const idle = (): void => undefined;

/** Reports the same full batch every time: all that was ever added. */
class PreparedPoller implements Poller {
  readonly modify: () => void = idle;
  readonly delete: () => void = idle;
  readonly wake: () => void = idle;
  readonly close: () => void = idle;
  readonly #added = new ReadyBatch(capacity);
  #count = 0;

  add(fd: number, events: EventSet, generation: number): void {
    this.#added.set(this.#count++, fd, events, generation);
  }

  wait(batch: ReadyBatch): number {
    for (let index = 0; index < this.#count; index++) {
      batch.set(index, this.#added.fd(index), this.#added.events(index), this.#added.generation(index));
    }
    batch.cause = 'events';
    return this.#count;
  }
}

const shelf: { kept?: object } = {};

const callbacks: Record<string, (events: EventSet) => void> = {
  /** The control: what an allocation per event looks like. */
  allocating: (events) => {
    shelf.kept = { events };
  },
};

const manager = new EventManager({ poller: new PreparedPoller(), capacity });
for (let fd = 0; fd < capacity; fd++) {
  manager.add(fd, EventSet.IN, callbacks[kind] ?? idle);
  if (kind === 'stale') {
    manager.delete(fd);
  }
  if (kind === 'masked') {
    manager.modify(fd, EventSet.OUT);
  }
}

let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});

function dispatch(events: number): void {
  for (let count = 0; count < events; count += capacity) {
    manager.wait(0);
  }
}

dispatch(WARM_UP_EVENTS);
await setImmediate();
observer.observe({ entryTypes: ['gc'] });
const before = { ...manager.stats };
dispatch(EVENTS);
// The observer gets the entries between the turns of the loop.
await setImmediate();
await setImmediate();

const { dispatched, stale, masked } = manager.stats;
const counts = {
  dispatched: dispatched - before.dispatched,
  stale: stale - before.stale,
  masked: masked - before.masked,
};
console.log(JSON.stringify({ ...counts, collections }));
