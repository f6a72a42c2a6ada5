import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ListPoller } from './list-poller.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** A leak of 8 bytes per cycle, one slot of an array, would be 800 kB. */
const CYCLES = 100_000;

/** The bytes in use after a full garbage collection. */
function heapUsed(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** How many bytes the heap grows in 100,000 cycles, after a tenth as many to warm up. */
function growth(cycle: (index: number) => void): number {
  for (let index = 0; index < CYCLES / 10; index++) {
    cycle(index);
  }
  const before = heapUsed();
  for (let index = 0; index < CYCLES; index++) {
    cycle(index);
  }
  return heapUsed() - before;
}

test.each<[kind: string, fdOf: (index: number) => number]>([
  ['one fd', () => 3],
  ['a thousand fds by turns', (index) => index % 1_000],
  ['fds above those of a kernel, each but once', (index) => 2 ** 31 - 1 - index],
])('100,000 cycles of add, wait and delete leave the heap flat: %s (C17)', (_kind, fdOf) => {
  const poller = new ListPoller();
  const manager = new EventManager({ poller });
  const { signal } = new AbortController();
  const grown = growth((index) => {
    const fd = fdOf(index);
    poller.ready(fd, EventSet.IN);
    const registration = manager.add(fd, EventSet.IN, () => undefined, { signal, label: `cycle ${index}` });
    manager.wait();
    registration.delete();
    poller.ready(fd, EventSet.EMPTY);
  });
  expect(manager.stats.dispatched).toBe(CYCLES + CYCLES / 10);
  expect(grown).toBeLessThan(2 * CYCLES);
});

test('a million timers that are set and cancelled leave the heap flat (C21)', () => {
  const manager = new EventManager({ poller: new ListPoller() });
  const group = manager.group();
  const { signal } = new AbortController();
  const pending = Array.from({ length: 1_000 }, (_, index) => manager.after(1_000_000 + index, () => undefined));
  const grown = growth((index) => {
    for (let count = 0; count < 9; count++) {
      const slot = (index * 9 + count) % pending.length;
      pending[slot]?.cancel();
      pending[slot] = manager.after(1_000_000 - index, () => undefined, { slackMs: count });
      pending[0]?.refresh();
    }
    group.after(1_000, () => undefined, { signal }).cancel();
  });
  expect(grown).toBeLessThan(2 * CYCLES);
});
