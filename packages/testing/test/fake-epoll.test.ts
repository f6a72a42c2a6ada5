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

/** The code of what is thrown. */
function codeOf(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'none';
}

describe('the interest list', () => {
  test('refuses with the code, errno, syscall, fd and message that Node would give', () => {
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

  test('refuses what is not open with EBADF, what is not watched with ENOENT', () => {
    const { fd } = poller.eventfd();
    expect(codeOf(() => poller.add(99, IN, 1))).toBe('EBADF');
    expect(codeOf(() => poller.modify(99, IN, 1))).toBe('EBADF');
    expect(codeOf(() => poller.modify(fd, IN, 1))).toBe('ENOENT');
    expect(codeOf(() => poller.delete(99))).toBe('none');
    expect(codeOf(() => poller.delete(fd))).toBe('none');
  });

  test('refuses a regular file with EPERM, before it looks at the events', () => {
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

  test('takes EXCLUSIVE beside the others, and never again in a modify', () => {
    const { fd } = poller.eventfd(1n);
    poller.add(fd, EventSet.union(IN | OUT | ERROR | HANG_UP | WAKE_UP | EXCLUSIVE, EDGE_TRIGGERED), 1);
    expect(report(poller)).toEqual([`${fd} IN|OUT`]);
    expect(codeOf(() => poller.modify(fd, IN | EXCLUSIVE, 2))).toBe('EINVAL');
    expect(codeOf(() => poller.modify(fd, IN, 2))).toBe('EINVAL');
    expect(codeOf(() => poller.add(fd, IN | EXCLUSIVE | PRIORITY, 2))).toBe('EINVAL');
    expect(codeOf(() => poller.add(fd, IN, 2))).toBe('EEXIST');
  });

  test('refuses EXCLUSIVE in the modify of what was added without', () => {
    const { fd } = poller.eventfd();
    poller.add(fd, IN, 1);
    expect(codeOf(() => poller.modify(fd, IN | EXCLUSIVE, 2))).toBe('EINVAL');
  });

  test('goes with the file: what is closed is gone from it', () => {
    const eventFd = poller.eventfd(1n);
    poller.add(eventFd.fd, IN, 1);
    eventFd.close();
    expect(report(poller)).toEqual([]);
    poller.add(poller.eventfd().fd, IN, 2);
  });

  test('knows a file by its number too: a closed number reports for as long as a dup lives', () => {
    const eventFd = poller.eventfd(1n);
    const dup = eventFd.dup();
    poller.add(eventFd.fd, IN, 7);
    eventFd.close();
    const batch = new ReadyBatch(4);
    expect(poller.wait(batch, 0)).toBe(1);
    expect([batch.fd(0), batch.generation(0)]).toEqual([eventFd.fd, 7]);
    poller.delete(eventFd.fd);
    expect(report(poller)).toEqual([`${eventFd.fd} IN`]);
    dup.close();
    expect(report(poller)).toEqual([]);
  });

  test('tells an orphan from the newcomer on its number', () => {
    const eventFd = poller.eventfd(1n);
    const dup = eventFd.dup();
    poller.add(eventFd.fd, IN, 1);
    eventFd.close();
    const newcomer = poller.eventfd(1n);
    expect(newcomer.fd).toBe(eventFd.fd);
    poller.add(newcomer.fd, IN, 2);
    expect(report(poller)).toEqual([`${newcomer.fd} IN`, `${newcomer.fd} IN`]);
    poller.delete(newcomer.fd);
    expect(report(poller)).toEqual([`${newcomer.fd} IN`]);
    dup.close();
    expect(report(poller)).toEqual([]);
  });

  test('finds an orphan again when the same file gets the number back', () => {
    const eventFd = poller.eventfd();
    const dup = eventFd.dup();
    poller.add(eventFd.fd, IN, 1);
    eventFd.close();
    expect(dup.dup().fd).toBe(eventFd.fd);
    expect(codeOf(() => poller.add(eventFd.fd, IN, 2))).toBe('EEXIST');
    poller.modify(eventFd.fd, OUT, 2);
    expect(report(poller)).toEqual([`${eventFd.fd} OUT`]);
  });

  test('is replaced by rebuild(): orphans go, edges show again, strangers are left out', () => {
    const orphan = poller.eventfd(1n);
    orphan.dup();
    const edge = poller.eventfd(1n);
    const closed = poller.eventfd(1n);
    for (const { fd } of [orphan, edge, closed]) {
      poller.add(fd, IN_EDGE, fd);
    }
    report(poller);
    orphan.close();
    closed.close();
    const stranger = poller.eventfd(1n);
    expect(stranger.fd).toBe(orphan.fd);
    poller.rebuild([orphan, edge, closed].map(({ fd }) => ({ fd, events: IN_EDGE, generation: fd })));
    expect(report(poller)).toEqual([`${edge.fd} IN`]);
  });
});

describe('the ready list', () => {
  test('keeps the order in which things became ready', () => {
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

  test('goes round when the batch is small', () => {
    const fds = [1, 2, 3, 4].map(() => poller.eventfd(1n).fd);
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

  test('has two numbers of one file with the one added last in front', () => {
    const eventFd = poller.eventfd();
    const dup = eventFd.dup();
    poller.add(eventFd.fd, IN, 1);
    poller.add(dup.fd, IN, 2);
    eventFd.write(1n);
    expect(report(poller)).toEqual([`${dup.fd} IN`, `${eventFd.fd} IN`]);
  });

  test('has EXCLUSIVE ones behind the others of the same file', () => {
    const eventFd = poller.eventfd();
    const dups = [eventFd, eventFd.dup(), eventFd.dup(), eventFd.dup()];
    dups.forEach(({ fd }, index) => {
      poller.add(fd, index < 2 ? IN | EXCLUSIVE : IN, 1);
    });
    eventFd.write(1n);
    expect(report(poller)).toEqual(['6 IN', '5 IN', '3 IN', '4 IN']);
  });

  test('has a wake in its turn, which may leave no room for others', () => {
    const { fd } = poller.eventfd(1n);
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

  test('has a wake still after rebuild(), unless it was reported', () => {
    const batch = new ReadyBatch(1);
    poller.wake();
    poller.rebuild([]);
    poller.wait(batch, 0);
    expect(batch.cause).toBe('wake');
    poller.rebuild([]);
    poller.wait(batch, 0);
    expect(batch.cause).toBe('timeout');
  });

  test('does not hold what is true but not asked for', () => {
    const source = poller.source();
    poller.add(source.fd, IN, 1);
    source.set(OUT | PRIORITY | READ_HANG_UP);
    expect(report(poller)).toEqual([]);
    source.set(ERROR | HANG_UP);
    expect(report(poller)).toEqual([`${source.fd} ERROR|HANG_UP`]);
  });

  test('holds what was true when it was added or modified, however it is triggered', () => {
    const source = poller.source();
    source.set(IN);
    poller.add(source.fd, EventSet.union(OUT, EDGE_TRIGGERED), 1);
    expect(report(poller)).toEqual([]);
    poller.modify(source.fd, IN_EDGE, 1);
    expect(report(poller)).toEqual([`${source.fd} IN`]);
    poller.modify(source.fd, IN_EDGE, 1);
    poller.modify(source.fd, EventSet.union(OUT, EDGE_TRIGGERED), 1);
    expect(report(poller)).toEqual([]);
  });
});

describe('edge-triggered', () => {
  test('an edge that is no change of level is an edge', () => {
    const source = poller.source();
    poller.add(source.fd, IN_EDGE, 1);
    source.set(IN);
    expect(report(poller)).toEqual([`${source.fd} IN`]);
    expect(report(poller)).toEqual([]);
    source.set(IN);
    expect(report(poller)).toEqual([`${source.fd} IN`]);
  });

  test('an edge of something else is none, but shows all that is true if it is asked for', () => {
    const source = poller.source();
    poller.add(source.fd, EventSet.union(IN_EDGE, READ_HANG_UP), 1);
    source.set(IN);
    report(poller);
    source.set(OUT);
    expect(report(poller)).toEqual([]);
    source.set(READ_HANG_UP);
    expect(report(poller)).toEqual([`${source.fd} IN|READ_HANG_UP`]);
  });

  test('an edge that is over before the wait is not reported', () => {
    const source = poller.source();
    poller.add(source.fd, IN_EDGE, 1);
    source.set(IN);
    source.clear(IN);
    expect(report(poller)).toEqual([]);
  });
});

describe('ONE_SHOT', () => {
  test('once reported, neither edge nor HANG_UP is heard until modify', () => {
    const source = poller.source();
    poller.add(source.fd, IN | ONE_SHOT, 1);
    source.set(IN);
    expect(report(poller)).toEqual([`${source.fd} IN`]);
    source.set(IN | HANG_UP | ERROR);
    expect(report(poller)).toEqual([]);
    expect(codeOf(() => poller.add(source.fd, IN | ONE_SHOT, 2))).toBe('EEXIST');
    poller.modify(source.fd, EMPTY | ONE_SHOT, 2);
    expect(report(poller)).toEqual([`${source.fd} ERROR|HANG_UP`]);
    expect(report(poller)).toEqual([]);
  });

  test('an event that found no room does not use it up', () => {
    const [a, b] = [poller.eventfd(1n), poller.eventfd(1n)];
    poller.add(a.fd, IN | ONE_SHOT, 1);
    poller.add(b.fd, IN | ONE_SHOT, 2);
    expect([report(poller, 1), report(poller, 1), report(poller, 1)]).toEqual([[`${a.fd} IN`], [`${b.fd} IN`], []]);
  });
});
