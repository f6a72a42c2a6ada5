// A test file for vitest: a wait that is longer than the stretch in which a worker blocks, while clocks stand still.

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
