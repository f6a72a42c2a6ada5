import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager, EventSet, TimerFd, type TimerSetting } from '../../src/index.js';
import { waitFor } from '../support/file-makers.js';
import { lackOfCapability, lackOfUserNamespaces, testIf } from '../support/named-skip.js';
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
  while (manager.wait() === 0) {
    // A signal interrupted it: a child process has ended.
  }
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

  test('with afterNs and everyNs has a first interval of its own', () => {
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

  test('replaces the previous setting, and drops unread expirations', () => {
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
  ])('refuses %s, and keeps the previous setting', (_, setting, code) => {
    timer.set({ everyNs: HOUR });
    expect(raises(() => timer.set(setting as TimerSetting)).code).toBe(code);
    expect(timer.remaining()?.everyNs).toBe(HOUR);
  });
});

test('a new timer is not armed', () => {
  expect(timer.remaining()).toBeUndefined();
  expect(timer.read()).toBeUndefined();
});

test('disarm() stops the timer and drops unread expirations', () => {
  timer.set({ everyNs: 1n });
  untilReady();
  timer.disarm();
  expect(timer.read()).toBeUndefined();
  expect(timer.remaining()).toBeUndefined();
  expect(manager.wait(0)).toBe(0);
});

test('set() accepts the result of remaining(), to go on from there', () => {
  timer.set({ afterNs: 2n * HOUR, everyNs: HOUR });
  const left = timer.remaining();
  timer.disarm();
  timer.set(left ?? {});
  const again = timer.remaining();
  expect(again?.everyNs).toBe(HOUR);
  expect(again?.afterNs).toBeGreaterThan(HOUR);
  expect(again?.afterNs).toBeLessThanOrEqual(left?.afterNs ?? 0n);
});

test('a realtime clock is that of Date.now(), a monotonic clock is not', () => {
  using realtime = new TimerFd({ clock: 'realtime' });
  const atNs = BigInt(Date.now()) * MS + HOUR;
  realtime.set({ atNs });
  timer.set({ atNs });
  expect(realtime.remaining()?.afterNs).toBeLessThanOrEqual(HOUR);
  expect(timer.remaining()?.afterNs).toBeGreaterThan(HOUR);
});

describe('the clock', () => {
  test.each([
    ['monotonic', 1],
    ['boottime', 7],
    ['realtime', 0],
  ] as const)('%s is the clock of that name', (clock, id) => {
    using timer = new TimerFd({ clock });
    expect(readFileSync(`/proc/self/fdinfo/${timer.fd}`, 'utf8')).toContain(`\nclockid: ${id}\n`);
    timer.set({ afterNs: 1n });
    waitFor(timer, EventSet.IN);
    expect(timer.read()).toBe(1n);
  });

  for (const [clock, id] of [
    ['realtime-alarm', 8],
    ['boottime-alarm', 9],
  ] as const) {
    testIf(lackOfCapability('CAP_WAKE_ALARM'), `${clock} is the clock of that name`, () => {
      using timer = new TimerFd({ clock });
      expect(readFileSync(`/proc/self/fdinfo/${timer.fd}`, 'utf8')).toContain(`\nclockid: ${id}\n`);
      timer.set({ afterNs: 1n });
      waitFor(timer, EventSet.IN);
      expect(timer.read()).toBe(1n);
    });

    testIf(lackOfUserNamespaces(), `${clock} without CAP_WAKE_ALARM is refused with its name`, () => {
      const source = `import { TimerFd } from ${JSON.stringify(import.meta.resolve('@em/sys'))};
        try {
          new TimerFd({ clock: '${clock}' });
        } catch ({ code, syscall, message }) {
          console.log(JSON.stringify({ code, syscall, message }));
        }`;
      const args = ['--user', process.execPath, '--input-type=module', '--eval', source];
      expect(JSON.parse(execFileSync('unshare', args, { encoding: 'utf8' }))).toEqual({
        code: 'EPERM',
        syscall: 'timerfd_create',
        message: `EPERM: operation not permitted, timerfd_create: the clock "${clock}" needs the capability CAP_WAKE_ALARM`,
      });
    });
  }
});

describe('cancelOnSet', () => {
  test.each(['monotonic', 'boottime'] as const)('is refused for the clock %s, which cannot be set', (clock) => {
    using timer = new TimerFd({ clock });
    const error = raises(() => timer.set({ atNs: MAX, cancelOnSet: true }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(error.message).toContain(clock);
    expect(timer.remaining()).toBeUndefined();
  });

  test('is refused without atNs', () => {
    using timer = new TimerFd({ clock: 'realtime' });
    expect(raises(() => timer.set({ afterNs: 1n, cancelOnSet: true } as unknown as TimerSetting)).code).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
  });

  testIf(lackOfCapability('CAP_SYS_TIME'), 'reports that the clock was set, once, also of an adopted timer', () => {
    const folder = mkdtempSync(join(tmpdir(), 'em-clock-'));
    const setClock = join(folder, 'clock-set');
    execFileSync('cc', ['-o', setClock, fileURLToPath(new URL('../programs/clock-set.c', import.meta.url))]);
    using silent = new TimerFd({ clock: 'realtime' });
    silent.set({ atNs: MAX });
    using own = new TimerFd({ clock: 'realtime' });
    using adopted = TimerFd.adopt(new TimerFd({ clock: 'realtime' }).detach());
    for (const timer of [own, adopted]) {
      timer.set({ atNs: MAX, cancelOnSet: true });
      expect(timer.read()).toBeUndefined();
    }
    execFileSync(setClock);
    for (const timer of [own, adopted]) {
      waitFor(timer, EventSet.IN);
      expect(raises(() => timer.read())).toMatchObject({ code: 'ECANCELED', syscall: 'read', fd: timer.fd });
      expect(timer.read()).toBeUndefined();
      timer.set({ atNs: MAX, cancelOnSet: true });
    }
    execFileSync(setClock, ['back']);
    expect(raises(() => own.set({ atNs: MAX, cancelOnSet: true })).code).toBe('ECANCELED');
    expect(own.remaining()).toBeDefined();
    expect(silent.read()).toBeUndefined();
    rmSync(folder, { recursive: true });
  });
});

test('the fd of a TimerFd is close-on-exec', () => {
  expect(readFileSync(`/proc/self/fdinfo/${timer.fd}`, 'utf8')).toMatch(/^flags:\t02004002$/m);
});

test.each([null, 5, { clock: 'sundial' }, { clock: 1 }])('new TimerFd(%j) is refused', (options) => {
  expect(raises(() => Reflect.construct(TimerFd, [options])).code).toBe('ERR_INVALID_ARG_TYPE');
});

test('every method of a closed TimerFd throws ERR_EM_CLOSED', () => {
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
