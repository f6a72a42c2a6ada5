import { closeSync, openSync } from 'node:fs';
import { ReadyBatch } from '@em/core';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { EpollPoller, EventFd, EventManager, EventSet } from '../../src/index.js';
import { expectOpened, openFiles } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { withNumber } from '../support/with-number.js';

let poller: EpollPoller;
let batch: ReadyBatch;
let eventFd: EventFd;

beforeEach(() => {
  poller = new EpollPoller();
  batch = new ReadyBatch(8);
  eventFd = new EventFd(1);
});

afterEach(() => {
  poller.close();
  eventFd.close();
});

function entries(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => [batch.events(i), batch.fd(i), batch.generation(i)]);
}

describe('wait()', () => {
  test('reports events, fd and the whole 32-bit generation', () => {
    poller.add(eventFd.fd, EventSet.IN | EventSet.OUT, 0xffff_fffe);
    expect(entries(poller.wait(batch, 0))).toEqual([[EventSet.IN | EventSet.OUT, eventFd.fd, 0xffff_fffe]]);
    expect(batch.cause).toBe('events');
  });

  test('reports the generation of the latest modify()', () => {
    poller.add(eventFd.fd, EventSet.OUT, 1);
    poller.modify(eventFd.fd, EventSet.IN, 2);
    expect(entries(poller.wait(batch, 0))).toEqual([[EventSet.IN, eventFd.fd, 2]]);
  });

  test.each([0, 0.001, 0.75, 1, 2.5])('does not return before %d ms are over', (timeoutMs) => {
    const start = performance.now();
    expect(poller.wait(batch, timeoutMs)).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(timeoutMs);
    expect(batch.cause).toBe('timeout');
  });

  test('accepts a timeout beyond the 24.8 days of epoll_wait, and wake() ends it', () => {
    poller.wake();
    expect(poller.wait(batch, 2 ** 40)).toBe(0);
    expect(batch.cause).toBe('wake');
  });
});

describe('wake()', () => {
  test('is reported after rebuild() if it was not reported before', () => {
    poller.wake();
    poller.rebuild([]);
    poller.wait(batch, 0);
    expect(batch.cause).toBe('wake');
    poller.rebuild([]);
    poller.wait(batch, 0);
    expect(batch.cause).toBe('timeout');
  });

  test('ends exactly one wait, at once, however often it was called', () => {
    for (let i = 0; i < 10; i++) {
      poller.wake();
    }
    expect(poller.wait(batch, Number.POSITIVE_INFINITY)).toBe(0);
    expect(batch.cause).toBe('wake');
    expect(poller.wait(batch, 0)).toBe(0);
    expect(batch.cause).toBe('timeout');
  });

  test('adds no entry to the events that are reported with it', () => {
    const others = Array.from({ length: 4 }, () => new EventFd(1));
    for (const [i, other] of others.entries()) {
      poller.add(other.fd, EventSet.IN, i + 1);
      if (i === 1) {
        poller.wake();
      }
    }
    expect(entries(poller.wait(batch, 0))).toEqual(others.map((other, i) => [EventSet.IN, other.fd, i + 1]));
    expect(batch.cause).toBe('events');
    for (const other of others) {
      other.close();
    }
  });
});

describe('a refusal', () => {
  test('of a second add() is EEXIST and keeps the first generation', () => {
    poller.add(eventFd.fd, EventSet.IN, 1);
    expect(raises(() => poller.add(eventFd.fd, EventSet.IN, 2))).toMatchObject({
      code: 'EEXIST',
      errno: -17,
      syscall: 'epoll_ctl',
      fd: eventFd.fd,
      message: 'EEXIST: file already exists, epoll_ctl',
    });
    expect(entries(poller.wait(batch, 0))).toEqual([[EventSet.IN, eventFd.fd, 1]]);
  });

  test('of a closed fd is EBADF', () => {
    const { fd } = eventFd;
    eventFd.close();
    expect(raises(() => poller.add(fd, EventSet.IN, 1)).code).toBe('EBADF');
    expect(raises(() => poller.modify(fd, EventSet.IN, 1)).code).toBe('EBADF');
  });

  test('of modify() is ENOENT if the fd is not watched', () => {
    expect(raises(() => poller.modify(eventFd.fd, EventSet.IN, 1)).code).toBe('ENOENT');
  });

  test.each([
    ['/etc/hostname', 'a regular file'],
    ['/etc', 'a directory'],
    ['/dev/null', 'this character device'],
    ['/dev/zero', 'this character device'],
  ])('of %s names the kind and the path', (path, kind) => {
    const fd = openSync(path, 'r');
    const error = raises(() => poller.add(fd, EventSet.IN, 1));
    closeSync(fd);
    expect(error).toMatchObject({ code: 'ERR_EM_NOT_POLLABLE', errno: -1, syscall: 'epoll_ctl', fd });
    expect(error.message).toContain(kind);
    expect(error.message).toContain(path);
    expect(error.cause).toMatchObject({ code: 'EPERM' });
  });

  test.each<[string, EventSet, (poller: EpollPoller) => void]>([
    ['with ONE_SHOT', EventSet.IN | EventSet.ONE_SHOT, () => undefined],
    ['under run()', EventSet.IN, () => poller.attach(() => undefined)],
    ['after a read of fd', EventSet.IN, () => poller.fd],
    [
      'beside a file whose poll consumes the event',
      EventSet.IN,
      () => poller.add(openMounts(), EventSet.IN | EventSet.ONE_SHOT, 1),
    ],
  ])('of a regular file %s names the path, and opens nothing', async (_, events, prepare) => {
    prepare(poller);
    const fd = openSync('/etc/hostname', 'r');
    const before = openFiles();
    expect(raises(() => poller.add(fd, events, 2))).toMatchObject({
      code: 'ERR_EM_NOT_POLLABLE',
      message: expect.stringContaining('a regular file (/etc/hostname)'),
    });
    await expectOpened(before);
    closeSync(fd);
  });

  /** Open until the test ends. */
  function openMounts(): number {
    const fd = openSync('/proc/self/mounts', 'r');
    onTestFinished(() => closeSync(fd));
    return fd;
  }
});

describe('delete()', () => {
  test('accepts an unknown, a closed and a reused number', () => {
    const { fd } = eventFd;
    poller.delete(fd);
    poller.add(fd, EventSet.IN, 1);
    eventFd.close();
    poller.delete(fd);
    eventFd = withNumber(fd, () => new EventFd(1));
    poller.delete(fd);
    expect(poller.wait(batch, 0)).toBe(0);
  });
});

test('the fds of the poller itself cannot be added or deleted by their numbers', () => {
  const before = openFds();
  const manager = new EventManager();
  const own = [...openFds()].filter((fd) => !before.has(fd));
  expect(own).toHaveLength(2);
  for (const fd of own) {
    expect(raises(() => manager.add(fd, EventSet.IN, () => undefined)).code).toMatch(/^(EEXIST|EINVAL)$/);
  }
  manager.wake();
  expect(manager.wait()).toBe(0);
  expect(manager.lastWait.cause).toBe('wake');
  manager.close();
});

describe('close()', () => {
  test('closes the fds of the poller, does nothing a second time, and makes every later call throw EBADF', () => {
    const before = openFds();
    const closed = new EpollPoller();
    expect(openFds().size).toBe(before.size + 2);
    closed.close();
    expect(openFds()).toEqual(before);
    closed.close();
    expect(raises(() => closed.add(eventFd.fd, EventSet.IN, 1)).code).toBe('EBADF');
    expect(raises(() => closed.modify(eventFd.fd, EventSet.IN, 1)).code).toBe('EBADF');
    expect(raises(() => closed.wait(batch, 0)).code).toBe('EBADF');
    expect(raises(() => closed.wake()).code).toBe('EBADF');
  });
});

/** Returns the fds of this process that are of the kinds that a poller opens. */
function openFds(): Set<number> {
  const own = [...openFiles()].filter((file) => file.includes('anon_inode:[event'));
  return new Set(own.map((file) => Number.parseInt(file, 10)));
}
