import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager, EventSet, TimerFd, type TimerSetting } from '../../src/index.js';
import { raises } from '../support/raises.js';

const MS = 1_000_000n;
const HOUR = 3_600_000n * MS;
const MAX = 2n ** 63n - 1n;

let manager: EventManager;
let timer: TimerFd;

beforeEach(() => {
  manager = new EventManager();
  timer = new TimerFd();
  manager.add(timer, EventSet.IN, vi.fn());
});

afterEach(() => {
  manager.close();
  timer.close();
});

function untilReady(): void {
  expect(manager.wait(10_000)).toBe(1);
}

/** Waits until the timer has expired so often, and returns how many nanoseconds that took. */
function elapse(setting: TimerSetting, times: bigint): bigint {
  const before = process.hrtime.bigint();
  timer.set(setting);
  for (let seen = 0n; seen < times; seen += timer.read() ?? 0n) {
    untilReady();
  }
  return process.hrtime.bigint() - before;
}

describe('set()', () => {
  test('with afterNs expires once, and not before', () => {
    expect(elapse({ afterNs: 3n * MS }, 1n)).toBeGreaterThanOrEqual(3n * MS);
    expect(timer.read()).toBeUndefined();
    expect(timer.remaining()).toBeUndefined();
  });

  test('with everyNs expires again and again, the first time after as long', () => {
    expect(elapse({ everyNs: MS }, 4n)).toBeGreaterThanOrEqual(4n * MS);
    expect(timer.remaining()).toMatchObject({ everyNs: MS });
  });

  test('with afterNs and everyNs tells the first from those that follow', () => {
    expect(elapse({ afterNs: 5n * MS, everyNs: MS }, 3n)).toBeGreaterThanOrEqual(7n * MS);
    timer.set({ afterNs: 1n, everyNs: HOUR });
    untilReady();
    expect(timer.read()).toBe(1n);
    expect(timer.remaining()?.afterNs).toBeGreaterThan(HOUR / 2n);
  });

  test('with atNs expires when its clock shows that', () => {
    const at = process.hrtime.bigint() + 3n * MS;
    elapse({ atNs: at }, 1n);
    expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(at);
  });

  test('with a time that is past expires at once, and counts the intervals since', () => {
    elapse({ atNs: 0n }, 1n);
    elapse({ afterNs: 0n }, 1n);
    timer.set({ atNs: process.hrtime.bigint() - 10n * MS, everyNs: MS });
    untilReady();
    expect(timer.read()).toBeGreaterThanOrEqual(11n);
  });

  test('forgets what was set, and what has expired unread', () => {
    timer.set({ everyNs: 1n });
    untilReady();
    timer.set({ afterNs: HOUR });
    expect(manager.wait(0)).toBe(0);
    expect(timer.read()).toBeUndefined();
    expect(timer.remaining()?.everyNs).toBeUndefined();
  });

  test('takes the longest times there are', () => {
    timer.set({ afterNs: MAX, everyNs: MAX });
    expect(timer.remaining()?.everyNs).toBe(MAX);
    timer.set({ atNs: MAX });
    expect(timer.remaining()?.afterNs).toBeGreaterThan(HOUR);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['null', null, 'ERR_INVALID_ARG_TYPE'],
    ['a bigint', 5n, 'ERR_INVALID_ARG_TYPE'],
    ['no time', {}, 'ERR_INVALID_ARG_TYPE'],
    ['afterNs and atNs', { afterNs: 1n, atNs: 1n }, 'ERR_INVALID_ARG_TYPE'],
    ['a number', { afterNs: 5 }, 'ERR_INVALID_ARG_TYPE'],
    ['a null atNs', { atNs: null }, 'ERR_INVALID_ARG_TYPE'],
    ['a numeric interval', { afterNs: 1n, everyNs: 5 }, 'ERR_INVALID_ARG_TYPE'],
    ['a negative afterNs', { afterNs: -1n }, 'ERR_OUT_OF_RANGE'],
    ['a negative atNs', { atNs: -1n }, 'ERR_OUT_OF_RANGE'],
    ['an interval of 0', { afterNs: 1n, everyNs: 0n }, 'ERR_OUT_OF_RANGE'],
    ['an afterNs of 2⁶³', { afterNs: MAX + 1n }, 'ERR_OUT_OF_RANGE'],
    ['an atNs of 2⁶³', { atNs: MAX + 1n }, 'ERR_OUT_OF_RANGE'],
    ['an interval of 2⁶³', { everyNs: MAX + 1n }, 'ERR_OUT_OF_RANGE'],
  ])('refuses %s, and goes on as it was', (_, setting, code) => {
    timer.set({ everyNs: HOUR });
    expect(raises(() => timer.set(setting as TimerSetting)).code).toBe(code);
    expect(timer.remaining()?.everyNs).toBe(HOUR);
  });
});

test('it is not armed at first', () => {
  expect(timer.remaining()).toBeUndefined();
  expect(timer.read()).toBeUndefined();
});

test('disarm() stops it and forgets what has expired unread', () => {
  timer.set({ everyNs: 1n });
  untilReady();
  timer.disarm();
  expect(timer.read()).toBeUndefined();
  expect(timer.remaining()).toBeUndefined();
  expect(manager.wait(0)).toBe(0);
});

test('set() takes what remaining() returned, to go on from there', () => {
  timer.set({ afterNs: 2n * HOUR, everyNs: HOUR });
  const left = timer.remaining();
  timer.disarm();
  timer.set(left ?? {});
  const again = timer.remaining();
  expect(again?.everyNs).toBe(HOUR);
  expect(again?.afterNs).toBeGreaterThan(HOUR);
  expect(again?.afterNs).toBeLessThanOrEqual(left?.afterNs ?? 0n);
});

test('a realtime clock is that of Date.now(), a monotonic one is not', () => {
  using realtime = new TimerFd({ clock: 'realtime' });
  const atNs = BigInt(Date.now()) * MS + HOUR;
  realtime.set({ atNs });
  timer.set({ atNs });
  expect(realtime.remaining()?.afterNs).toBeLessThanOrEqual(HOUR);
  expect(timer.remaining()?.afterNs).toBeGreaterThan(HOUR);
});

test('its fd is close-on-exec', () => {
  expect(readFileSync(`/proc/self/fdinfo/${timer.fd}`, 'utf8')).toMatch(/^flags:\t02004002$/m);
});

test.each([null, 5, { clock: 'sundial' }, { clock: 1 }])('new TimerFd(%j) is refused', (options) => {
  expect(raises(() => Reflect.construct(TimerFd, [options])).code).toBe('ERR_INVALID_ARG_TYPE');
});

test('a closed one does nothing', () => {
  manager.delete(timer.fd);
  timer.close();
  for (const call of [
    () => timer.set({ afterNs: 1n }),
    () => timer.disarm(),
    () => timer.remaining(),
    () => timer.read(),
  ]) {
    expect(raises(call).code).toBe('ERR_EM_CLOSED');
  }
});
