import type { EventManager } from '@em/core';

/** More waits than any test needs. */
const MAX_WAITS = 10_000;

/** Drives a manager until nothing is ready. Returns the number of callbacks. Throws if that does not end. */
export function settle(manager: EventManager): number {
  let calls = 0;
  for (let waits = 0; waits < MAX_WAITS; waits++) {
    const called = manager.wait(0);
    if (called === 0) {
      return calls;
    }
    calls += called;
  }
  throw new Error('something is always ready');
}
