import type { EventManager } from '@em/core';
import type { FakePoller } from '@em/testing';

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

/** Lets this time pass on the clock of a fake poller, and drives the manager meanwhile. */
export function pass(manager: EventManager, poller: FakePoller, timeMs: number): void {
  const endMs = poller.nowMs + timeMs;
  while (poller.nowMs < endMs) {
    manager.wait(endMs - poller.nowMs);
  }
  manager.wait(0);
}
