import { EventManager, EventSet, ReadyBatch } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { type FakeEventFd, FakePoller } from '../src/index.js';
import { report } from './report.js';

const { IN, OUT } = EventSet;

let poller: FakePoller;
let eventFd: FakeEventFd;
const batch = new ReadyBatch(4);

beforeEach(() => {
  poller = new FakePoller();
  eventFd = poller.eventfd(1);
});

describe('failNext()', () => {
  test('makes one add() fail, which does not add', () => {
    poller.failNext('add', 'ENOSPC');
    expect(() => poller.add(eventFd.fd, IN, 1)).toThrow(
      expect.objectContaining({
        code: 'ENOSPC',
        errno: -28,
        syscall: 'epoll_ctl',
        fd: eventFd.fd,
        message: 'ENOSPC: no space left on device, epoll_ctl',
      }),
    );
    expect(report(poller)).toEqual([]);
    poller.add(eventFd.fd, IN, 1);
    expect(report(poller)).toEqual(['3 IN']);
  });

  test('makes one modify() fail, which does not modify', () => {
    poller.add(eventFd.fd, IN, 1);
    poller.failNext('modify', 'ENOMEM');
    expect(() => poller.modify(eventFd.fd, OUT, 2)).toThrow(expect.objectContaining({ code: 'ENOMEM' }));
    expect(report(poller)).toEqual(['3 IN']);
  });

  test('makes one delete() fail, which does not delete', () => {
    poller.add(eventFd.fd, IN, 1);
    poller.failNext('delete', 'ENOMEM');
    expect(() => poller.delete(eventFd.fd)).toThrow(expect.objectContaining({ code: 'ENOMEM' }));
    expect(report(poller)).toEqual(['3 IN']);
    poller.delete(eventFd.fd);
    expect(report(poller)).toEqual([]);
  });

  test('makes one wait() fail, which does not lose an edge', () => {
    poller.add(eventFd.fd, EventSet.union(IN, EventSet.EDGE_TRIGGERED), 1);
    poller.failNext('wait', 'EINVAL');
    expect(() => poller.wait(batch, 0)).toThrow(
      expect.objectContaining({
        code: 'EINVAL',
        syscall: 'epoll_wait',
        message: 'EINVAL: invalid argument, epoll_wait',
      }),
    );
    expect(report(poller)).toEqual(['3 IN']);
  });

  test('makes one rebuild() fail, which changes nothing', () => {
    poller.add(eventFd.fd, IN, 1);
    poller.failNext('rebuild', 'EMFILE');
    expect(() => poller.rebuild([])).toThrow(expect.objectContaining({ code: 'EMFILE' }));
    expect(report(poller)).toEqual(['3 IN']);
  });

  test('two calls make the next two calls fail, in that order', () => {
    poller.failNext('add', 'ENOSPC');
    poller.failNext('add', 'ENOMEM');
    expect(() => poller.add(eventFd.fd, IN, 1)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    expect(() => poller.add(eventFd.fd, IN, 1)).toThrow(expect.objectContaining({ code: 'ENOMEM' }));
    poller.add(eventFd.fd, IN, 1);
  });
});

describe('interruptNext()', () => {
  test('interrupts the next wait that would block', () => {
    poller.interruptNext();
    expect(poller.wait(batch, 1000)).toBe(0);
    expect([batch.cause, poller.nowMs]).toEqual(['interrupt', 0]);
    poller.wait(batch, 1000);
    expect([batch.cause, poller.nowMs]).toEqual(['timeout', 1000]);
  });

  test('does not interrupt a wait that does not block, as a signal does not', () => {
    poller.interruptNext();
    poller.wait(batch, 0);
    expect(batch.cause).toBe('timeout');
    poller.add(eventFd.fd, IN, 1);
    expect(poller.wait(batch, 1000)).toBe(1);
    eventFd.read();
    poller.wait(batch, 1000);
    expect(batch.cause).toBe('interrupt');
  });

  test('interrupts the wait that is running, if a planned action calls it', () => {
    poller.after(70, () => poller.interruptNext());
    poller.wait(batch, Number.POSITIVE_INFINITY);
    expect([batch.cause, poller.nowMs]).toEqual(['interrupt', 70]);
  });
});

describe('limitNext()', () => {
  test('shortens one batch, and the rest is in the next', () => {
    const manager = new EventManager({ poller });
    const called: number[] = [];
    for (const fd of [eventFd.fd, poller.eventfd(1).fd, poller.eventfd(1).fd]) {
      manager.add(fd, IN, () => void called.push(fd));
    }
    poller.limitNext(1);
    expect(manager.wait(0)).toBe(1);
    expect(manager.wait(0)).toBe(3);
    expect(called).toEqual([3, 4, 5, 3]);
  });

  test.for([0, -1, 1.5])('refuses a count of %d', (entryCount) => {
    expect(() => poller.limitNext(entryCount)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  });
});
