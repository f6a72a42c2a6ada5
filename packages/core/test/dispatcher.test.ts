import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { EventCallback } from '../src/options.js';
import { ListPoller } from './list-poller.js';
import { readyManager } from './ready-manager.js';

const { IN, OUT, ERROR, HANG_UP, EDGE_TRIGGERED } = EventSet;

describe('a callback (C8)', () => {
  test('gets the events that are ready, and its registration', () => {
    const { poller, manager } = readyManager([]);
    const callback = vi.fn<EventCallback>();
    const registration = manager.add(7, IN | OUT, callback);
    poller.ready(7, IN | HANG_UP);
    manager.wait();
    expect(callback).toHaveBeenCalledExactlyOnceWith(IN | HANG_UP, registration);
  });

  test('gets ERROR and HANG_UP even if its interest is empty', () => {
    const { poller, manager } = readyManager([]);
    const callback = vi.fn<EventCallback>();
    const registration = manager.add(7, EventSet.EMPTY, callback);
    poller.ready(7, IN | ERROR | HANG_UP);
    manager.wait();
    expect(callback).toHaveBeenCalledExactlyOnceWith(ERROR | HANG_UP, registration);
  });

  test('gets no bit that says how to watch or is not an event, whatever the poller reports', () => {
    const { poller, manager, polls } = readyManager([]);
    const { mock } = vi.spyOn(poller, 'add');
    const callback = vi.fn<EventCallback>();
    const registration = manager.add(7, IN | EDGE_TRIGGERED, callback);
    polls.mockImplementationOnce((batch) => {
      batch.cause = 'events';
      batch.set(0, 7, EDGE_TRIGGERED | 0x40 | IN, mock.lastCall?.[2] ?? 0);
      return 1;
    });
    manager.wait();
    expect(callback).toHaveBeenCalledExactlyOnceWith(IN, registration);
  });
});

describe('wait() (C14)', () => {
  test('returns how many callbacks it called, and says that events were the cause', () => {
    const { manager } = readyManager([vi.fn(), vi.fn(), vi.fn()]);
    expect(manager.wait()).toBe(3);
    expect(manager.lastWait).toEqual({ cause: 'events', ready: 3, dispatched: 3, stale: 0, masked: 0 });
  });

  test('returns 0 after the timeout', () => {
    const { poller, manager } = readyManager([vi.fn()]);
    poller.ready(1, OUT);
    expect([manager.wait(0), manager.lastWait.cause]).toEqual([0, 'timeout']);
    expect([manager.wait(2.5), manager.lastWait.cause]).toEqual([0, 'timeout']);
  });

  test('returns 0 after a wake, once for several wakes', () => {
    const { poller, manager } = readyManager([]);
    const wake = vi.spyOn(poller, 'wake');
    manager.wake();
    manager.wake();
    expect(wake).toHaveBeenCalledTimes(2);
    expect([manager.wait(), manager.lastWait.cause]).toEqual([0, 'wake']);
    expect([manager.wait(0), manager.lastWait.cause]).toEqual([0, 'timeout']);
  });

  test('returns 0 after an interrupt', () => {
    const { manager, polls } = readyManager([vi.fn()]);
    polls.mockImplementationOnce((batch) => {
      batch.cause = 'interrupt';
      return 0;
    });
    expect([manager.wait(), manager.lastWait.cause]).toEqual([0, 'interrupt']);
    expect([manager.wait(), manager.lastWait.cause]).toEqual([1, 'events']);
  });

  test('works on an empty manager, before the first add and after the last delete', () => {
    const { poller, manager } = readyManager([]);
    expect(manager.wait(0)).toBe(0);
    poller.ready(1, IN);
    manager.add(1, IN, vi.fn());
    expect(manager.wait()).toBe(1);
    manager.delete(1);
    expect(manager.wait(0)).toBe(0);
  });

  test('throws what the poller throws, and asks the poller again at the next call', () => {
    const { manager, polls } = readyManager([vi.fn()]);
    const failure = new Error('EBADF');
    polls.mockImplementationOnce(() => {
      throw failure;
    });
    expect(() => manager.wait()).toThrow(failure);
    expect(manager.stats.waits).toBe(0);
    expect(manager.wait()).toBe(1);
  });
});

test('stats has the totals of all waits (C16)', () => {
  const { poller, manager } = readyManager([() => void manager.delete(2), vi.fn()]);
  const { lastWait, stats } = manager;
  manager.wait();
  manager.get(1)?.pause();
  poller.wake();
  manager.wait();
  expect(stats).toEqual({ waits: 2, dispatched: 1, stale: 1, masked: 0 });
  expect([manager.lastWait, manager.stats]).toEqual([lastWait, stats]);
});

describe('a batch with room for fewer events than are ready (C17)', () => {
  test('reports each of five fds once in five waits, with capacity 1', () => {
    const served: number[] = [];
    const serve: EventCallback = (_events, { fd }) => void served.push(fd);
    const { manager } = readyManager([serve, serve, serve, serve, serve], 1);
    for (let round = 0; round < 5; round++) {
      expect(manager.wait()).toBe(1);
    }
    expect(served).toEqual([1, 2, 3, 4, 5]);
  });

  test('reports first the fds that it left out before, with capacity 2', () => {
    const served: number[] = [];
    const serve: EventCallback = (_events, { fd }) => void served.push(fd);
    const { manager } = readyManager([serve, serve, serve], 2);
    expect([manager.wait(), manager.wait(), manager.wait()]).toEqual([2, 2, 2]);
    expect(served).toEqual([1, 2, 3, 1, 2, 3]);
  });
});

test('an fd above those that a kernel assigns is dispatched like any other', () => {
  const poller = new ListPoller();
  const manager = new EventManager({ poller });
  const callback = vi.fn<EventCallback>();
  const fd = 2 ** 31 - 1;
  poller.ready(fd, IN);
  const registration = manager.add(fd, IN, callback);
  manager.wait();
  expect(callback).toHaveBeenCalledExactlyOnceWith(IN, registration);
});
