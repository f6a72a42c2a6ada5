import { EventManager, EventSet, ReadyBatch } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

test('a closed poller answers EBADF, as a closed epoll fd does', () => {
  const poller = new FakePoller();
  const { fd } = poller.eventfd(1n);
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

test('closing it leaves the files open', () => {
  const poller = new FakePoller();
  const eventFd = poller.eventfd();
  poller.add(eventFd.fd, EventSet.IN, 1);
  poller.close();
  eventFd.write(2n);
  expect(eventFd.read()).toBe(2n);
  eventFd.close();
});

test('a manager closes it', () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  expect(poller.closed).toBe(false);
  manager.close();
  expect(poller.closed).toBe(true);
});
