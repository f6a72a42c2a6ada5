import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { HostedPoller } from './hosted-poller.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;

describe('timers under run()', () => {
  let poller: HostedPoller;
  let manager: EventManager;

  beforeEach(() => {
    vi.useFakeTimers();
    poller = new HostedPoller();
    manager = new EventManager({ poller });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('are called when they are due, and the host has at most one timer', () => {
    const called: number[] = [];
    for (const delayMs of [30, 10, 20.5]) {
      manager.after(delayMs, () => void called.push(delayMs));
    }
    expect(vi.getTimerCount()).toBe(0);
    void manager.run();
    const startMs = performance.now();
    for (const [atMs, expected] of [
      [9, []],
      [10, [10]],
      [20, [10]],
      [21, [10, 20.5]],
      [30, [10, 20.5, 30]],
    ] as const) {
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(startMs + atMs - performance.now());
      expect(called).toEqual(expected);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  test('set a timer of the host only if they are due before it', () => {
    const setTimeout = vi.spyOn(globalThis, 'setTimeout');
    void manager.run();
    const timers = Array.from({ length: 100 }, (_, index) => manager.after(50 + index, vi.fn()));
    for (const timer of timers) {
      timer.refresh();
      timer.cancel();
    }
    expect(setTimeout).toHaveBeenCalledTimes(1);
    manager.after(10, vi.fn());
    expect(setTimeout).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(1);
  });

  test('are not called early if the timer of the host is', () => {
    const called = vi.fn();
    let nowMs = 0;
    Object.defineProperty(poller, 'nowMs', { get: () => nowMs });
    void manager.run();
    manager.after(10, called);
    nowMs = 9.5;
    vi.advanceTimersByTime(10);
    expect(called).not.toHaveBeenCalled();
    expect(manager.stats.waits).toBe(0);
    expect(vi.getTimerCount()).toBe(1);
    nowMs = 10;
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledOnce();
  });

  test('are called after the timer of the host was for one that is cancelled', () => {
    const called = vi.fn();
    void manager.run();
    const first = manager.after(10, vi.fn());
    manager.after(25, called);
    first.cancel();
    vi.advanceTimersByTime(24);
    expect(called).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledOnce();
  });

  test('can be longer than the longest timer of the host', () => {
    const called = vi.fn();
    void manager.run();
    manager.after(2 ** 32, called);
    vi.advanceTimersByTime(2 ** 32 - 1);
    expect(called).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledOnce();
  });

  test('are called in a turn for events, too, and then need no timer of the host', () => {
    const called: string[] = [];
    void manager.run();
    poller.ready(3, IN);
    manager.add(3, IN, () => called.push('event'));
    manager.after(0, () => called.push('timer'));
    poller.turn?.();
    expect(called).toEqual(['event', 'timer']);
  });

  test('every() takes one timer of the host per period', () => {
    const setTimeout = vi.spyOn(globalThis, 'setTimeout');
    const called = vi.fn();
    void manager.run();
    manager.every(10, called);
    vi.advanceTimersByTime(1_000);
    expect(called).toHaveBeenCalledTimes(100);
    expect(setTimeout).toHaveBeenCalledTimes(101);
  });

  test('keep the host loop running while one is pending, unless unref() is called', () => {
    void manager.run();
    expect(poller.hasRef).toBe(false);
    const timer = manager.after(10, vi.fn());
    expect(poller.hasRef).toBe(true);
    manager.unref();
    expect(poller.hasRef).toBe(false);
    manager.ref();
    timer.cancel();
    expect(poller.hasRef).toBe(false);
    timer.refresh();
    manager.after(10, vi.fn());
    expect(poller.hasRef).toBe(true);
    vi.advanceTimersByTime(10);
    expect(poller.hasRef).toBe(false);
  });

  test("keep run({ until: 'empty' }) running until the last has ended", async () => {
    const manager = new EventManager({ poller });
    const ended = vi.fn();
    const timer = manager.every(10, vi.fn());
    const run = manager.run({ until: 'empty' }).then(ended);
    vi.advanceTimersByTime(100);
    poller.turn?.();
    await Promise.resolve();
    expect(ended).not.toHaveBeenCalled();
    timer.cancel();
    expect(poller.isWoken).toBe(true);
    poller.turn?.();
    await run;
    expect(ended).toHaveBeenCalledOnce();
  });

  test('reject run() if one throws, and the next run() calls the others', async () => {
    const called = vi.fn();
    const refusal = new Error('refused');
    manager.after(10, () => {
      throw refusal;
    });
    manager.after(10, called);
    const run = manager.run();
    vi.advanceTimersByTime(10);
    await expect(run).rejects.toBe(refusal);
    expect(called).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    const again = manager.run();
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledOnce();
    manager.stop();
    await again;
  });

  test('wait without a timer of the host between stop() and the next run()', async () => {
    const called = vi.fn();
    manager.after(10, called);
    const run = manager.run();
    manager.stop();
    await run;
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(20);
    void manager.run();
    vi.advanceTimersByTime(1);
    expect(called).toHaveBeenCalledOnce();
    manager.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a wait calls a timer whose time is up, although the clock is too coarse to show it', () => {
  const poller = Object.assign(new ListPoller(), { nowMs: 1_000 });
  const manager = new EventManager({ poller });
  const called = vi.fn();
  manager.after(10.5, called);
  expect(manager.wait(10)).toBe(0);
  expect(manager.lastWait.cause).toBe('timeout');
  expect(manager.wait(10.5)).toBe(1);
  expect(called).toHaveBeenCalledOnce();
});

test('refreshes and cancellations in any order keep the order in which timers are due', () => {
  const poller = Object.assign(new ListPoller(), { nowMs: 0 });
  const manager = new EventManager({ poller });
  const called: number[] = [];
  const timers = Array.from({ length: 1_000 }, (_, index) => {
    const delayMs = (index * 619) % 1_000;
    return { delayMs, timer: manager.after(delayMs, () => called.push(delayMs)) };
  });
  poller.nowMs = 500;
  for (const { delayMs, timer } of timers) {
    if (delayMs % 3 > 0) {
      timer.cancel();
    } else if (delayMs % 2 === 0) {
      timer.refresh();
    }
  }
  poller.nowMs = 2_000;
  expect(manager.wait(0)).toBe(334);
  const byDue = (delayMs: number): number => delayMs + (delayMs % 2 === 0 ? 500 : 0);
  expect(called.map(byDue)).toEqual(called.map(byDue).sort((a, b) => a - b));
});

test('a period that is too short for the clock ends a wait after one call', () => {
  const poller = Object.assign(new ListPoller(), { nowMs: 2 ** 60 });
  const manager = new EventManager({ poller });
  const called = vi.fn();
  manager.every(1, called);
  manager.every(Number.MIN_VALUE, called);
  expect(manager.wait(0)).toBe(2);
  expect(manager.wait(0)).toBe(2);
  expect(called).toHaveBeenCalledTimes(4);
});

test('a timer whose removeEventListener() throws is called all the same', () => {
  const manager = new EventManager({ poller: new ListPoller() });
  const called = vi.fn();
  const refusal = new Error('no');
  const signal = {
    aborted: false,
    addEventListener: vi.fn(),
    removeEventListener: () => {
      throw refusal;
    },
  };
  manager.after(0, called, { signal });
  expect(manager.wait(0)).toBe(1);
  expect(called).toHaveBeenCalledOnce();
  manager.after(1, called, { signal });
  expect(() => manager.close()).toThrow(expect.objectContaining({ errors: [refusal] }));
});

test('a timer is shown with its label', () => {
  const manager = new EventManager({ poller: new ListPoller() });
  const timer = manager.after(1, vi.fn(), { label: 'idle' });
  expect(inspect(timer)).toBe("Timer { label: 'idle', active: true }");
});
