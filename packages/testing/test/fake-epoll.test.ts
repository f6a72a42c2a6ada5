import { EventSet, ReadyBatch } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';
import { report } from './report.js';

const { EMPTY, IN, OUT, PRIORITY, READ_HANG_UP, HANG_UP, ERROR, EXCLUSIVE, WAKE_UP, ONE_SHOT, EDGE_TRIGGERED } =
  EventSet;
const IN_EDGE = EventSet.union(IN, EDGE_TRIGGERED);

let poller: FakePoller;

beforeEach(() => {
  poller = new FakePoller();
});

/** The code of the error that a call throws. */
function codeOf(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'none';
}

describe('the interest list', () => {
  test('throws errors with the code, errno, syscall, fd and message of Node', () => {
    const { fd } = poller.eventfd();
    poller.add(fd, IN, 1);
    const error = (() => {
      try {
        poller.add(fd, IN, 2);
      } catch (thrown) {
        return thrown;
      }
      return undefined;
    })();
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      code: 'EEXIST',
      errno: -17,
      syscall: 'epoll_ctl',
      fd,
      message: 'EEXIST: file already exists, epoll_ctl',
    });
  });

  test('refuses an fd that is not open with EBADF, and one that is not watched with ENOENT', () => {
    const { fd } = poller.eventfd();
    expect(codeOf(() => poller.add(99, IN, 1))).toBe('EBADF');
    expect(codeOf(() => poller.modify(99, IN, 1))).toBe('EBADF');
    expect(codeOf(() => poller.modify(fd, IN, 1))).toBe('ENOENT');
    expect(codeOf(() => poller.delete(99))).toBe('none');
    expect(codeOf(() => poller.delete(fd))).toBe('none');
  });

  test('refuses a regular file with EPERM before it checks the events', () => {
    const { fd } = poller.file();
    expect(codeOf(() => poller.add(fd, IN, 1))).toBe('EPERM');
    expect(codeOf(() => poller.add(fd, IN | EXCLUSIVE | PRIORITY, 1))).toBe('EPERM');
    expect(codeOf(() => poller.modify(fd, IN, 1))).toBe('EPERM');
  });

  test.for([PRIORITY, READ_HANG_UP, ONE_SHOT])('refuses EXCLUSIVE beside %i with EINVAL', (events) => {
    const { fd } = poller.eventfd();
    expect(codeOf(() => poller.add(fd, IN | EXCLUSIVE | events, 1))).toBe('EINVAL');
    expect(codeOf(() => poller.modify(fd, IN, 1))).toBe('ENOENT');
  });

  test('allows EXCLUSIVE with other events in add(), and refuses it in modify()', () => {
    const { fd } = poller.eventfd(1);
    poller.add(fd, EventSet.union(IN | OUT | ERROR | HANG_UP | WAKE_UP | EXCLUSIVE, EDGE_TRIGGERED), 1);
    expect(report(poller)).toEqual([`${fd} IN|OUT`]);
    expect(codeOf(() => poller.modify(fd, IN | EXCLUSIVE, 2))).toBe('EINVAL');
    expect(codeOf(() => poller.modify(fd, IN, 2))).toBe('EINVAL');
    expect(codeOf(() => poller.add(fd, IN | EXCLUSIVE | PRIORITY, 2))).toBe('EINVAL');
    expect(codeOf(() => poller.add(fd, IN, 2))).toBe('EEXIST');
  });

  test('refuses EXCLUSIVE in modify() of an fd that was added without it', () => {
    const { fd } = poller.eventfd();
    poller.add(fd, IN, 1);
    expect(codeOf(() => poller.modify(fd, IN | EXCLUSIVE, 2))).toBe('EINVAL');
  });

  test('drops an fd when its file is closed', () => {
    const eventFd = poller.eventfd(1);
    poller.add(eventFd.fd, IN, 1);
    eventFd.close();
    expect(report(poller)).toEqual([]);
    poller.add(poller.eventfd().fd, IN, 2);
  });

  test('reports a closed number as long as a dup is open', () => {
    const eventFd = poller.eventfd(1);
    const dup = eventFd.dup();
    const { fd } = eventFd;
    poller.add(fd, IN, 7);
    eventFd.close();
    const batch = new ReadyBatch(4);
    expect(poller.wait(batch, 0)).toBe(1);
    expect([batch.fd(0), batch.generation(0)]).toEqual([fd, 7]);
    poller.delete(fd);
    expect(report(poller)).toEqual([`${fd} IN`]);
    dup.close();
    expect(report(poller)).toEqual([]);
  });

  test('distinguishes an orphan from the new file with its number', () => {
    const eventFd = poller.eventfd(1);
    const dup = eventFd.dup();
    const { fd } = eventFd;
    poller.add(fd, IN, 1);
    eventFd.close();
    const newFile = poller.eventfd(1);
    expect(newFile.fd).toBe(fd);
    poller.add(newFile.fd, IN, 2);
    expect(report(poller)).toEqual([`${newFile.fd} IN`, `${newFile.fd} IN`]);
    poller.delete(newFile.fd);
    expect(report(poller)).toEqual([`${newFile.fd} IN`]);
    dup.close();
    expect(report(poller)).toEqual([]);
  });

  test('finds an orphan when its file gets the same number again', () => {
    const eventFd = poller.eventfd();
    const dup = eventFd.dup();
    const { fd } = eventFd;
    poller.add(fd, IN, 1);
    eventFd.close();
    expect(dup.dup().fd).toBe(fd);
    expect(codeOf(() => poller.add(fd, IN, 2))).toBe('EEXIST');
    poller.modify(fd, OUT, 2);
    expect(report(poller)).toEqual([`${fd} OUT`]);
  });

  test('drops orphans in rebuild(), reports edges again, and leaves out numbers that are other files', () => {
    const orphan = poller.eventfd(1);
    orphan.dup();
    const edge = poller.eventfd(1);
    const closed = poller.eventfd(1);
    const fds = [orphan.fd, edge.fd, closed.fd];
    for (const fd of fds) {
      poller.add(fd, IN_EDGE, fd);
    }
    report(poller);
    orphan.close();
    closed.close();
    const stranger = poller.eventfd(1);
    expect(stranger.fd).toBe(fds[0]);
    poller.rebuild(fds.map((fd) => ({ fd, events: IN_EDGE, generation: fd })));
    expect(report(poller)).toEqual([`${edge.fd} IN`]);
  });
});

describe('the ready list', () => {
  test('keeps the order in which fds became ready', () => {
    const [a, b, c, d] = [poller.eventfd(), poller.eventfd(), poller.eventfd(), poller.eventfd()];
    for (const { fd } of [a, b, c, d]) {
      poller.add(fd, IN, 1);
    }
    c.write(1n);
    a.write(1n);
    d.write(1n);
    const order = [c, a, d].map(({ fd }) => `${fd} IN`);
    expect(report(poller)).toEqual(order);
    expect(report(poller)).toEqual(order);
    a.read();
    a.write(1n);
    b.write(1n);
    expect(report(poller)).toEqual([...order, `${b.fd} IN`]);
  });

  test('reports every fd in turn if the batch is small', () => {
    const fds = [1, 2, 3, 4].map(() => poller.eventfd(1).fd);
    for (const fd of fds) {
      poller.add(fd, IN, 1);
    }
    const [a, b, c, d] = fds.map((fd) => `${fd} IN`);
    expect([report(poller, 2), report(poller, 2), report(poller, 2)]).toEqual([
      [a, b],
      [c, d],
      [a, b],
    ]);
    expect([report(poller, 3), report(poller, 3)]).toEqual([
      [c, d, a],
      [b, c, d],
    ]);
  });

  test('puts the number that was added last in front of others for the same file', () => {
    const eventFd = poller.eventfd();
    const dup = eventFd.dup();
    poller.add(eventFd.fd, IN, 1);
    poller.add(dup.fd, IN, 2);
    eventFd.write(1n);
    expect(report(poller)).toEqual([`${dup.fd} IN`, `${eventFd.fd} IN`]);
  });

  test('puts EXCLUSIVE numbers behind others for the same file', () => {
    const eventFd = poller.eventfd();
    const dups = [eventFd, eventFd.dup(), eventFd.dup(), eventFd.dup()];
    dups.forEach(({ fd }, index) => {
      poller.add(fd, index < 2 ? IN | EXCLUSIVE : IN, 1);
    });
    eventFd.write(1n);
    expect(report(poller)).toEqual(['6 IN', '5 IN', '3 IN', '4 IN']);
  });

  test('counts a wake in its turn, so that there may be no room for an fd', () => {
    const { fd } = poller.eventfd(1);
    poller.wake();
    poller.add(fd, IN, 1);
    const batch = new ReadyBatch(1);
    const waits = [1, 2, 3].map(() => [poller.wait(batch, 0), batch.cause]);
    expect(waits).toEqual([
      [0, 'wake'],
      [1, 'events'],
      [1, 'events'],
    ]);
    poller.wake();
    expect([poller.wait(batch, 0), poller.wait(batch, 0), batch.cause]).toEqual([1, 0, 'wake']);
  });

  test('keeps a wake over rebuild(), unless it was reported', () => {
    const batch = new ReadyBatch(1);
    poller.wake();
    poller.rebuild([]);
    poller.wait(batch, 0);
    expect(batch.cause).toBe('wake');
    poller.rebuild([]);
    poller.wait(batch, 0);
    expect(batch.cause).toBe('timeout');
  });

  test('leaves out events that are not asked for, except ERROR and HANG_UP', () => {
    const device = poller.device();
    poller.add(device.fd, IN, 1);
    device.set(OUT | PRIORITY | READ_HANG_UP);
    expect(report(poller)).toEqual([]);
    device.set(ERROR | HANG_UP);
    expect(report(poller)).toEqual([`${device.fd} ERROR|HANG_UP`]);
  });

  test('has the events that are true at add() or modify(), even if edge-triggered', () => {
    const device = poller.device();
    device.set(IN);
    poller.add(device.fd, EventSet.union(OUT, EDGE_TRIGGERED), 1);
    expect(report(poller)).toEqual([]);
    poller.modify(device.fd, IN_EDGE, 1);
    expect(report(poller)).toEqual([`${device.fd} IN`]);
    poller.modify(device.fd, IN_EDGE, 1);
    poller.modify(device.fd, EventSet.union(OUT, EDGE_TRIGGERED), 1);
    expect(report(poller)).toEqual([]);
  });
});

describe('edge-triggered', () => {
  test('an event that is set again while it is true is an edge', () => {
    const device = poller.device();
    poller.add(device.fd, IN_EDGE, 1);
    device.set(IN);
    expect(report(poller)).toEqual([`${device.fd} IN`]);
    expect(report(poller)).toEqual([]);
    device.set(IN);
    expect(report(poller)).toEqual([`${device.fd} IN`]);
  });

  test('only an event that is asked for is an edge, and it reports all events that are true', () => {
    const device = poller.device();
    poller.add(device.fd, EventSet.union(IN_EDGE, READ_HANG_UP), 1);
    device.set(IN);
    report(poller);
    device.set(OUT);
    expect(report(poller)).toEqual([]);
    device.set(READ_HANG_UP);
    expect(report(poller)).toEqual([`${device.fd} IN|READ_HANG_UP`]);
  });

  test('an edge that is over before the wait is not reported', () => {
    const device = poller.device();
    poller.add(device.fd, IN_EDGE, 1);
    device.set(IN);
    device.clear(IN);
    expect(report(poller)).toEqual([]);
  });
});

describe('ONE_SHOT', () => {
  test('after its report, it reports neither edges nor HANG_UP until modify()', () => {
    const device = poller.device();
    poller.add(device.fd, IN | ONE_SHOT, 1);
    device.set(IN);
    expect(report(poller)).toEqual([`${device.fd} IN`]);
    device.set(IN | HANG_UP | ERROR);
    expect(report(poller)).toEqual([]);
    expect(codeOf(() => poller.add(device.fd, IN | ONE_SHOT, 2))).toBe('EEXIST');
    poller.modify(device.fd, EMPTY | ONE_SHOT, 2);
    expect(report(poller)).toEqual([`${device.fd} ERROR|HANG_UP`]);
    expect(report(poller)).toEqual([]);
  });

  test('an event that finds no room does not disarm it', () => {
    const [a, b] = [poller.eventfd(1), poller.eventfd(1)];
    poller.add(a.fd, IN | ONE_SHOT, 1);
    poller.add(b.fd, IN | ONE_SHOT, 2);
    expect([report(poller, 1), report(poller, 1), report(poller, 1)]).toEqual([[`${a.fd} IN`], [`${b.fd} IN`], []]);
  });
});
