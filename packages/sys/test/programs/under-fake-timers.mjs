// A test file for vitest: a wait beyond the stretch for which a worker blocks, while the clocks stand still.

import { EventFd, EventManager, EventSet } from '@em/sys';
import { expect, test, vi } from 'vitest';

test('a wait ends', () => {
  vi.useFakeTimers();
  const manager = new EventManager();
  manager.add(new EventFd(), EventSet.IN, () => undefined);
  const before = performance.now();
  expect(manager.wait(250)).toBe(0);
  expect(performance.now()).toBe(before);
});

test('a wait ends when a timer of the manager is due', () => {
  vi.useFakeTimers();
  const manager = new EventManager();
  const called = vi.fn();
  manager.after(250, called);
  expect(manager.wait()).toBe(1);
  expect(called).toHaveBeenCalledOnce();
});

test('under run(), a timer of the manager is called when the fake clock is advanced', async () => {
  vi.useFakeTimers();
  const manager = new EventManager();
  manager.after(3_600_000, () => manager.stop());
  const run = manager.run();
  vi.advanceTimersByTime(3_600_000);
  await run;
});
