import type { EventManager } from '@em/core';
import type { FakePoller } from '@em/testing';
import type { CallOff, Timers } from '../../src/ports.js';

/** Timers on the clock of a fake poller, which moves while somebody waits. */
export function fakeTimers(poller: FakePoller): Timers {
  const after = (delayMs: number, action: () => void): CallOff => {
    let isOff = false;
    poller.after(delayMs, () => {
      if (!isOff) {
        action();
      }
    });
    return () => {
      isOff = true;
    };
  };
  const every = (periodMs: number, action: () => void): CallOff => {
    let callOff: CallOff;
    const wind = (): void => {
      callOff = after(periodMs, () => {
        wind();
        action();
      });
    };
    wind();
    return () => callOff();
  };
  return { after, every };
}

/** Lets so much time pass, and serves what comes up meanwhile. */
export function pass(manager: EventManager, poller: FakePoller, timeMs: number): void {
  const endMs = poller.nowMs + timeMs;
  while (poller.nowMs < endMs) {
    manager.wait(endMs - poller.nowMs);
  }
  manager.wait(0);
}
