import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTimer } from '../src/host-timer.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [10, 10],
  [0.2, 1],
  [2 ** 31 - 1, 2 ** 31 - 1],
  [2 ** 31 + 5, 2 ** 31 + 5],
  [3 * 2 ** 31, 3 * 2 ** 31],
])('a timer of %d ms ends after %d ms, and not before', (delayMs, afterMs) => {
  const callback = vi.fn();
  startTimer(delayMs, callback);
  vi.advanceTimersByTime(afterMs - 1);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(callback).toHaveBeenCalledOnce();
});

test('an infinite delay sets no timer', () => {
  startTimer(Number.POSITIVE_INFINITY, vi.fn());
  expect(vi.getTimerCount()).toBe(0);
});

test('a cancelled timer does not call back, even in its second part', () => {
  const callback = vi.fn();
  const callOff = startTimer(2 ** 32, callback);
  vi.advanceTimersByTime(2 ** 31);
  callOff();
  expect(vi.getTimerCount()).toBe(0);
});
