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
