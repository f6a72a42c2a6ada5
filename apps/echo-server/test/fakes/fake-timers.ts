import type { EventManager } from '@em/core';
import type { FakePoller } from '@em/testing';
import type { Cancel, Timers } from '../../src/ports.js';

/** Timers on the clock of a fake poller, which moves only during a wait. */
export function fakeTimers(poller: FakePoller): Timers {
  const after = (delayMs: number, action: () => void): Cancel => poller.after(delayMs, action);
  const every = (periodMs: number, action: () => void): Cancel => {
    let cancel: Cancel;
    const wind = (): void => {
      cancel = after(periodMs, () => {
        wind();
        action();
      });
    };
    wind();
    return () => cancel();
  };
  return { after, every };
}

/** Lets this time pass, and drives the manager meanwhile. */
export function pass(manager: EventManager, poller: FakePoller, timeMs: number): void {
  const endMs = poller.nowMs + timeMs;
  while (poller.nowMs < endMs) {
    manager.wait(endMs - poller.nowMs);
  }
  manager.wait(0);
}
