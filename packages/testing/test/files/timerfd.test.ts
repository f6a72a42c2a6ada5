import { EventManager, EventSet } from '@em/core';
import { beforeEach, expect, test } from 'vitest';
import { FakePoller, type FakeTimerFd } from '../../src/index.js';
import { report } from '../report.js';

const MS = 1_000_000n;
const IN_EDGE = EventSet.union(EventSet.IN, EventSet.EDGE_TRIGGERED);

let poller: FakePoller;
let manager: EventManager;
let timer: FakeTimerFd;

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller: new FakePoller({ sharing: poller }) });
  timer = poller.timerfd();
});

/** Lets time pass, and reports nothing. */
function pass(timeMs: number): void {
  expect(manager.wait(timeMs)).toBe(0);
}

test('a timer is IN from its expiration until it is read, and counts one expiration', () => {
  poller.add(timer.fd, EventSet.IN, 1);
  timer.set({ afterNs: 5n * MS });
  pass(4.999);
  expect(report(poller)).toEqual([]);
  expect(timer.read()).toBeUndefined();
  pass(0.001);
  expect(report(poller)).toEqual(['3 IN']);
  expect(report(poller)).toEqual(['3 IN']);
  expect(timer.read()).toBe(1n);
  expect(report(poller)).toEqual([]);
  expect(timer.read()).toBeUndefined();
  pass(100);
  expect(timer.read()).toBeUndefined();
});

test('a wait ends when a timer expires', () => {
  poller.add(timer.fd, EventSet.IN, 1);
  const ending = new EventManager({ poller });
  timer.set({ afterNs: 7n * MS });
  expect(ending.wait()).toBe(0);
  expect([poller.nowMs, ending.lastWait.ready]).toEqual([7, 1]);
});

test('a periodic timer counts the periods that passed, the first after afterNs', () => {
  timer.set({ afterNs: 1n * MS, everyNs: 10n * MS });
  pass(1);
  expect(timer.read()).toBe(1n);
  pass(9);
  expect(timer.read()).toBeUndefined();
  pass(25);
  expect(timer.read()).toBe(3n);
  pass(6);
  expect(timer.read()).toBe(1n);
});

test('a periodic timer reports one edge until it is read, or remaining() is called', () => {
  poller.add(timer.fd, IN_EDGE, 1);
  timer.set({ everyNs: 10n * MS });
  pass(10);
  expect(report(poller)).toEqual(['3 IN']);
  pass(30);
  expect(report(poller)).toEqual([]);
  expect(timer.read()).toBe(4n);
  pass(10);
  expect(report(poller)).toEqual(['3 IN']);
  expect(timer.remaining()).toEqual({ afterNs: 10n * MS, everyNs: 10n * MS });
  pass(10);
  expect(report(poller)).toEqual(['3 IN']);
  expect(timer.read()).toBe(2n);
});

test('remaining() returns the time left and the period', () => {
  expect(timer.remaining()).toBeUndefined();
  timer.set({ afterNs: 5n * MS });
  pass(2);
  expect(timer.remaining()).toEqual({ afterNs: 3n * MS, everyNs: undefined });
  pass(3);
  expect(timer.remaining()).toBeUndefined();
  timer.set({ everyNs: 5n * MS });
  pass(12);
  expect(timer.remaining()).toEqual({ afterNs: 3n * MS, everyNs: 5n * MS });
});

test('atNs is a time of the clock, and a past time expires at once', () => {
  pass(20);
  timer.set({ atNs: 30n * MS });
  pass(9);
  expect(timer.read()).toBeUndefined();
  pass(1);
  expect(timer.read()).toBe(1n);
  timer.set({ atNs: 10n * MS, everyNs: 10n * MS });
  expect(timer.read()).toBe(3n);
});

test('set() and disarm() drop expirations that were not read', () => {
  poller.add(timer.fd, EventSet.IN, 1);
  timer.set({ afterNs: 1n * MS });
  pass(1);
  timer.set({ afterNs: 5n * MS });
  expect(report(poller)).toEqual([]);
  pass(5);
  timer.disarm();
  expect(report(poller)).toEqual([]);
  timer.set({ afterNs: 5n * MS });
  timer.disarm();
  pass(10);
  expect(timer.read()).toBeUndefined();
});

test('a closed timer does not end a wait', () => {
  timer.set({ afterNs: 5n * MS });
  timer.close();
  pass(3);
  expect(() => manager.wait()).toThrow(expect.objectContaining({ code: 'ERR_EM_FAKE_WOULD_BLOCK' }));
  expect(poller.nowMs).toBe(3);
});

test('a timer with cancelOnSet reports that the clock was set, once', () => {
  const wall = poller.timerfd({ clock: 'realtime' });
  poller.add(wall.fd, EventSet.IN, 1);
  wall.set({ atNs: 100n * MS });
  wall.clockWasSet();
  expect(report(poller)).toEqual([]);
  wall.set({ atNs: 100n * MS, cancelOnSet: true });
  wall.clockWasSet();
  expect(report(poller)).toEqual(['4 IN']);
  const canceled = expect.objectContaining({ code: 'ECANCELED', errno: -125 });
  expect(() => wall.read()).toThrow(canceled);
  expect(wall.read()).toBeUndefined();
  wall.clockWasSet();
  expect(() => wall.set({ atNs: 50n * MS, cancelOnSet: true })).toThrow(canceled);
  pass(50);
  expect(wall.read()).toBe(1n);
});

test('a duplicate of a timer is the same timer', () => {
  timer.set({ afterNs: 5n * MS });
  const dup = timer.dup();
  timer.close();
  pass(5);
  expect(dup.read()).toBe(1n);
});

test('a timer refuses a setting that a real one refuses, and stays as it is', () => {
  timer.set({ afterNs: 5n * MS });
  const settings: [unknown, string][] = [
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ afterNs: 1n, atNs: 1n }, 'ERR_INVALID_ARG_TYPE'],
    [{ afterNs: 1 }, 'ERR_INVALID_ARG_TYPE'],
    [{ afterNs: null, everyNs: 1n }, 'ERR_INVALID_ARG_TYPE'],
    [{ everyNs: 0n }, 'ERR_OUT_OF_RANGE'],
    [{ afterNs: -1n }, 'ERR_OUT_OF_RANGE'],
    [{ atNs: 2n ** 63n }, 'ERR_OUT_OF_RANGE'],
    [{ afterNs: 1n, cancelOnSet: true }, 'ERR_INVALID_ARG_TYPE'],
    [{ atNs: 1n, cancelOnSet: true }, 'ERR_INVALID_ARG_TYPE'],
    [{ afterMs: 1n }, 'ERR_INVALID_ARG_TYPE'],
  ];
  for (const [setting, code] of settings) {
    expect(() => timer.set(setting as never)).toThrow(expect.objectContaining({ code }));
  }
  expect(() => poller.timerfd({ clock: 'sundial' } as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  expect(timer.remaining()?.afterNs).toBe(5n * MS);
});
