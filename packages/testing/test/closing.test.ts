import { EventManager, EventSet, ReadyBatch } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

test('every method of a closed poller throws EBADF, as those of a closed epoll fd do', () => {
  const poller = new FakePoller();
  const { fd } = poller.eventfd(1);
  poller.add(fd, EventSet.IN, 1);
  poller.close();
  const badFd = (syscall: string) => expect.objectContaining({ code: 'EBADF', syscall });
  expect(() => poller.add(fd, EventSet.IN, 2)).toThrow(badFd('epoll_ctl'));
  expect(() => poller.modify(fd, EventSet.IN, 2)).toThrow(badFd('epoll_ctl'));
  expect(() => poller.delete(fd)).toThrow(badFd('epoll_ctl'));
  expect(() => poller.rebuild([])).toThrow(badFd('epoll_ctl'));
  expect(() => poller.wait(new ReadyBatch(1), 0)).toThrow(badFd('epoll_wait'));
  expect(() => poller.wake()).toThrow(badFd('write'));
});

test('closing a poller leaves its files open', () => {
  const poller = new FakePoller();
  const eventFd = poller.eventfd();
  poller.add(eventFd.fd, EventSet.IN, 1);
  poller.close();
  eventFd.write(2n);
  expect(eventFd.read()).toBe(2n);
  eventFd.close();
});

test('closing a manager closes its poller', () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  expect(poller.closed).toBe(false);
  manager.close();
  expect(poller.closed).toBe(true);
});
