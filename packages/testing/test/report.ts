import { EventSet, ReadyBatch } from '@em/core';
import type { FakePoller } from '../src/index.js';

/** The report of a wait that does not block, one text per entry: `3 IN|HANG_UP`. */
export function report(poller: FakePoller, capacity: number = 16): string[] {
  const batch = new ReadyBatch(capacity);
  const count = poller.wait(batch, 0);
  return Array.from({ length: count }, (_, index) => `${batch.fd(index)} ${EventSet.format(batch.events(index))}`);
}

/** All events, level-triggered. */
export const EVERYTHING: EventSet = EventSet.IN | EventSet.PRIORITY | EventSet.OUT | EventSet.READ_HANG_UP;

/** All events, edge-triggered. */
export const EVERY_EDGE: EventSet = EventSet.union(EVERYTHING, EventSet.EDGE_TRIGGERED);
