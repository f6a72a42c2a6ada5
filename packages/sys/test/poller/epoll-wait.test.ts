import { constants } from 'node:os';
import { expect, test, vi } from 'vitest';
import { EpollWait } from '../../src/poller/epoll-wait.js';

const { EINTR, ENOSYS, EPERM } = constants.errno;
const EPOLL_FD = 3;
const entries = new ArrayBuffer(12);

/** Records the calls that may block, and the number of looks, and answers them. By default, a look finds nothing. */
function recorder(answers: Partial<Record<'look' | 'epollWait' | 'epollPwait2', number>> = {}, isWorker = false) {
  const calls: (string | number)[][] = [];
  const looks = { count: 0 };
  const native = {
    epollWait(_fd: number, _entries: ArrayBuffer, timeoutMs: number): number {
      if (timeoutMs === 0) {
        looks.count++;
        return answers.look ?? 0;
      }
      calls.push(['epoll_wait', timeoutMs]);
      return answers.epollWait ?? 1;
    },
    epollPwait2(_fd: number, _entries: ArrayBuffer, seconds: number, nanoseconds: number): number {
      calls.push(['epoll_pwait2', seconds, nanoseconds]);
      return answers.epollPwait2 ?? 1;
    },
  };
  return { answers, calls, looks, wait: new EpollWait(native, isWorker) };
}

test.each([
  [7, ['epoll_wait', 7]],
  [2 ** 31 - 1, ['epoll_wait', 2 ** 31 - 1]],
  [Number.POSITIVE_INFINITY, ['epoll_wait', Number.POSITIVE_INFINITY]],
  [0.25, ['epoll_pwait2', 0, 250_000]],
  [Number.MIN_VALUE, ['epoll_pwait2', 0, 1]],
  [1500.5, ['epoll_pwait2', 1, 500_500_000]],
  [999.9999999, ['epoll_pwait2', 1, 0]],
])('a timeout of %d ms becomes the system call %j', (timeoutMs, call) => {
  const { calls, wait } = recorder();
  expect(wait.wait(EPOLL_FD, entries, timeoutMs)).toBe(1);
  expect(calls).toEqual([call]);
});

test.each([ENOSYS, EPERM])(
  'if epoll_pwait2 fails with %d, it is not called again, and fractions are rounded up',
  (errno) => {
    const { calls, wait } = recorder({ epollPwait2: -errno });
    wait.wait(EPOLL_FD, entries, 0.2);
    wait.wait(EPOLL_FD, entries, 1.2);
    expect(calls).toEqual([
      ['epoll_pwait2', 0, 200_000],
      ['epoll_wait', 1],
      ['epoll_wait', 2],
    ]);
  },
);

test.each([0, 1, Number.POSITIVE_INFINITY])(
  'a wait of %d ms that finds something at a look does not block',
  (timeoutMs) => {
    const { calls, looks, wait } = recorder({ look: 2 });
    expect([1, 2, 3].map(() => wait.wait(EPOLL_FD, entries, timeoutMs))).toEqual([2, 2, 2]);
    expect(looks.count).toBe(3);
    expect(calls).toEqual([]);
  },
);

test('waits whose looks find nothing soon block without a look, until one finds something', () => {
  const { answers, calls, looks, wait } = recorder();
  const waits = (times: number): number => {
    const before = looks.count;
    for (let i = 0; i < times; i++) {
      wait.wait(EPOLL_FD, entries, Number.POSITIVE_INFINITY);
    }
    return looks.count - before;
  };
  expect(waits(127)).toBe(7);
  expect(calls).toHaveLength(127);
  answers.look = 1;
  expect(waits(64 + 10)).toBe(1 + 10);
});

test('a wait of 0 ms always looks', () => {
  const { looks, wait } = recorder();
  for (let i = 0; i < 10; i++) {
    expect(wait.wait(EPOLL_FD, entries, 0)).toBe(0);
  }
  expect(looks.count).toBe(10);
});

test('a timeout beyond the limit of the kernel is split into several calls', () => {
  const { calls, wait } = recorder();
  wait.wait(EPOLL_FD, entries, 2 ** 31 + 5);
  expect(calls).toEqual([['epoll_wait', 2 ** 31 - 1]]);
});

test('an interrupt ends a wait with any timeout', () => {
  const { calls, wait } = recorder({ epollWait: -EINTR });
  expect(wait.wait(EPOLL_FD, entries, 2 ** 40)).toBe(-EINTR);
  expect(calls).toHaveLength(1);
});

test('a worker waits in stretches of 100 ms, because it can only be terminated between them', () => {
  const { calls, wait } = recorder({}, true);
  wait.wait(EPOLL_FD, entries, Number.POSITIVE_INFINITY);
  wait.wait(EPOLL_FD, entries, 5_000);
  wait.wait(EPOLL_FD, entries, 100);
  expect(calls).toEqual(Array(3).fill(['epoll_wait', 100]));
});

test('a worker waits for its full timeout even if the clock of JavaScript stands still', () => {
  const { calls, wait } = recorder({ epollWait: 0, epollPwait2: 0 }, true);
  vi.useFakeTimers();
  try {
    expect(wait.wait(EPOLL_FD, entries, 250)).toBe(0);
    expect(wait.wait(EPOLL_FD, entries, 100.5)).toBe(0);
  } finally {
    vi.useRealTimers();
  }
  expect(calls).toEqual([
    ['epoll_wait', 100],
    ['epoll_wait', 100],
    ['epoll_wait', 50],
    ['epoll_wait', 100],
    ['epoll_pwait2', 0, 500_000],
  ]);
});
