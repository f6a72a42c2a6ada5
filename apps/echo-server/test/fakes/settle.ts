import type { EventManager } from '@em/core';

/** More waits than any test here needs. */
const MAX_WAITS = 10_000;

/** Lets a manager do all that can be done now; gives how many callbacks that took. Throws if it never ends. */
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
