import { EventManager, EventSet, ReadyBatch, type Timer } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

const { IN } = EventSet;

let poller: FakePoller;
const batch = new ReadyBatch(4);

beforeEach(() => {
  poller = new FakePoller();
});

describe('a wait', () => {
  test('takes as long as its timeout if nothing happens', () => {
    expect(poller.nowMs).toBe(0);
    expect(poller.wait(batch, 1500)).toBe(0);
    expect(batch.cause).toBe('timeout');
    expect(poller.nowMs).toBe(1500);
    poller.wait(batch, 0.25);
    expect(poller.nowMs).toBe(1500.25);
  });

  test('takes no time if something is ready, or the timeout is 0', () => {
    poller.wait(batch, 0);
    poller.add(poller.eventfd(1).fd, IN, 1);
    poller.wait(batch, 1000);
    poller.wait(batch, Number.POSITIVE_INFINITY);
    expect(poller.nowMs).toBe(0);
  });

  test('ends when a planned action makes an fd ready', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN, 1);
    poller.after(40, () => void eventFd.write(1n));
    expect(poller.wait(batch, 100)).toBe(1);
    expect(poller.nowMs).toBe(40);
  });

  test('continues when a planned action makes no fd ready', () => {
    const seen: number[] = [];
    poller.after(10, () => void seen.push(poller.nowMs));
    poller.after(20, () => void seen.push(poller.nowMs));
    poller.wait(batch, 30);
    expect(seen).toEqual([10, 20]);
    expect([batch.cause, poller.nowMs]).toEqual(['timeout', 30]);
  });

  test('runs the actions that are due at its timeout, and reports their events', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN, 1);
    poller.after(30, () => void eventFd.write(1n));
    expect(poller.wait(batch, 30)).toBe(1);
    expect([batch.cause, poller.nowMs]).toEqual(['events', 30]);
  });

  test('leaves actions that are due later to the next wait', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN, 1);
    poller.after(50, () => void eventFd.write(1n));
    expect(poller.wait(batch, 30)).toBe(0);
    expect(poller.wait(batch, 30)).toBe(1);
    expect(poller.nowMs).toBe(50);
  });

  test('ends when a planned action wakes it', () => {
    poller.after(5, () => poller.wake());
    expect(poller.wait(batch, Number.POSITIVE_INFINITY)).toBe(0);
    expect([batch.cause, poller.nowMs]).toEqual(['wake', 5]);
  });

  test('throws the error of a planned action, and the next wait works', () => {
    poller.after(5, () => {
      throw new Error('planned');
    });
    expect(() => poller.wait(batch, 10)).toThrow('planned');
    expect(poller.wait(batch, 10)).toBe(0);
    expect(poller.nowMs).toBe(15);
  });
});

describe('after()', () => {
  test('runs an action with a delay of 0 in a wait with a timeout of 0', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN, 1);
    poller.after(0, () => void eventFd.write(1n));
    expect(poller.wait(batch, 0)).toBe(1);
  });

  test('runs actions in order of time, and those of the same time in order of planning', () => {
    const order: string[] = [];
    poller.after(20, () => void order.push('late'));
    poller.after(10, () => void order.push('first'));
    poller.after(10, () => void order.push('second'));
    poller.wait(batch, 100);
    expect(order).toEqual(['first', 'second', 'late']);
  });

  test('lets an action plan further actions, relative to its own time', () => {
    const times: number[] = [];
    const tick = () => {
      times.push(poller.nowMs);
      poller.after(10, tick);
    };
    poller.after(10, tick);
    poller.wait(batch, 35);
    expect(times).toEqual([10, 20, 30]);
  });

  test('returns a function that cancels the action, and no other', () => {
    const ran: string[] = [];
    const cancelLate = poller.after(20, () => void ran.push('late'));
    const cancelFirst = poller.after(10, () => void ran.push('first'));
    poller.after(10, () => {
      ran.push('second');
      cancelFirst();
      cancelLate();
    });
    poller.after(20, () => void ran.push('last'));
    poller.wait(batch, 100);
    cancelLate();
    expect(ran).toEqual(['first', 'second', 'last']);
  });

  test('plans nothing that could end a wait, once the action is cancelled', () => {
    poller.after(10, () => undefined)();
    expect(() => poller.wait(batch, Number.POSITIVE_INFINITY)).toThrow(
      expect.objectContaining({ code: 'ERR_EM_FAKE_WOULD_BLOCK' }),
    );
    expect(poller.nowMs).toBe(0);
  });

  test.for([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a delay of %d', (delayMs) => {
    expect(() => poller.after(delayMs, () => undefined)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  });

  test('refuses an action that is not a function', () => {
    expect(() => poller.after(1, 'later' as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  });
});

describe('a wait of a manager with timers', () => {
  test('ends when the next timer is due', () => {
    const manager = new EventManager({ poller });
    const at: number[] = [];
    manager.every(3_600_000, () => void at.push(poller.nowMs));
    expect([manager.wait(), manager.wait()]).toEqual([1, 1]);
    expect(at).toEqual([3_600_000, 7_200_000]);
  });

  test.each<[kind: string, expected: number[], action: (manager: EventManager, timer: Timer, at: number[]) => void]>([
    ['sets', [20, 100], (manager, _timer, at) => void manager.after(10, () => void at.push(poller.nowMs))],
    ['refreshes', [110], (_manager, timer) => timer.refresh()],
    ['cancels', [], (_manager, timer) => void timer.cancel()],
  ])('is woken by an action that %s a timer, and the next wait respects it', (_kind, expected, action) => {
    const manager = new EventManager({ poller });
    const at: number[] = [];
    const timer = manager.after(100, () => void at.push(poller.nowMs));
    poller.after(10, () => action(manager, timer, at));
    expect(manager.wait(1_000)).toBe(0);
    expect(manager.lastWait.cause).toBe('wake');
    expect(poller.nowMs).toBe(10);
    while (poller.nowMs < 1_000) {
      manager.wait(1_000 - poller.nowMs);
    }
    expect(at).toEqual(expected);
  });
});

test('a manager on a FakePoller waits an hour without taking time', () => {
  const manager = new EventManager({ poller });
  const eventFd = poller.eventfd();
  const at: number[] = [];
  manager.add(eventFd, IN, () => {
    eventFd.read();
    at.push(poller.nowMs);
  });
  poller.after(3_600_000, () => void eventFd.write(1n));
  expect(manager.wait()).toBe(1);
  expect(at).toEqual([3_600_000]);
});
