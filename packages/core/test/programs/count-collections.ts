// Dispatches ten million events, and prints how many there were and how often the garbage collector ran meanwhile.
// Run by ../no-allocation.test.ts with a young generation so small that 16 bytes an event fill it hundreds of times.

import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { EventManager, EventSet, type Poller, type ReadyBatch, WORDS_PER_ENTRY } from '@em/core';

const CAPACITY = 256;
const WARM_UP_WAITS = 4_000;
const WAITS = Math.ceil(10_000_000 / CAPACITY);

const idle = (): void => undefined;

/** Reports the same full batch every time: all that was ever added. */
class PreparedPoller implements Poller {
  readonly modify: () => void = idle;
  readonly delete: () => void = idle;
  readonly wake: () => void = idle;
  readonly close: () => void = idle;
  readonly #words = new Uint32Array(CAPACITY * WORDS_PER_ENTRY);
  #count = 0;

  add(fd: number, events: EventSet, generation: number): void {
    this.#words.set([events, fd, generation], this.#count * WORDS_PER_ENTRY);
    this.#count++;
  }

  wait(batch: ReadyBatch): number {
    batch.words.set(this.#words);
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

const [, , kind = ''] = process.argv;
const manager = new EventManager({ poller: new PreparedPoller(), capacity: CAPACITY });
for (let fd = 0; fd < CAPACITY; fd++) {
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

function dispatch(waits: number): void {
  for (let wait = 0; wait < waits; wait++) {
    manager.wait(0);
  }
}

dispatch(WARM_UP_WAITS);
await setImmediate();
observer.observe({ entryTypes: ['gc'] });
const before = { ...manager.stats };
dispatch(WAITS);
// The observer is told between the turns of the loop.
await setImmediate();
await setImmediate();

const { dispatched, stale, masked } = manager.stats;
const counts = {
  dispatched: dispatched - before.dispatched,
  stale: stale - before.stale,
  masked: masked - before.masked,
};
console.log(JSON.stringify({ ...counts, collections }));
