import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { EXPECTED_IN_AN_HOUR, virtualHour } from './virtual-hour.js';

// node-test.test.ts has the same for the mock timers of node:test.

afterEach(() => {
  vi.useRealTimers();
});

test('virtual time passes while no timer of the host is replaced', async () => {
  expect(await virtualHour(new FakePoller())).toEqual(EXPECTED_IN_AN_HOUR);
});

test.each([
  ['as vitest replaces them by default', undefined],
  ['queueMicrotask() included', ['setTimeout', 'setImmediate', 'queueMicrotask'] as const],
])('virtual time passes while the timers of the host stand still, %s', async (_which, toFake) => {
  vi.useFakeTimers(toFake && { toFake: [...toFake] });
  expect(await virtualHour(new FakePoller())).toEqual(EXPECTED_IN_AN_HOUR);
});

test('virtual time passes if the package is loaded while the timers of the host are replaced', async () => {
  vi.useFakeTimers();
  vi.resetModules();
  const later = await import('@em/testing');
  expect(later.FakePoller).not.toBe(FakePoller);
  expect(await virtualHour(new later.FakePoller())).toEqual(EXPECTED_IN_AN_HOUR);
});

test('the clock of the host does not move that of the poller', async () => {
  vi.useFakeTimers();
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const called = vi.fn();
  manager.after(1_000, called);
  void manager.run();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(10_000);
  await poller.advance(999);
  expect(called).not.toHaveBeenCalled();
  await poller.advance(1);
  expect(called).toHaveBeenCalledOnce();
  manager.close();
});
