import { vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { EventCallback } from '../src/options.js';
import { ListPoller } from './list-poller.js';

/** A manager of fds 1, 2, 3…, all ready for IN, one per callback. They are dispatched in this order. */
export function readyManager(callbacks: EventCallback[], capacity?: number) {
  const poller = new ListPoller();
  const manager = new EventManager({ poller, capacity });
  for (const [index, callback] of callbacks.entries()) {
    poller.ready(index + 1, EventSet.IN);
    manager.add(index + 1, EventSet.IN, callback);
  }
  return { poller, manager, polls: vi.spyOn(poller, 'wait') };
}
