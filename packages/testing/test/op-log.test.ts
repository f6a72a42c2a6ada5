import { EventManager, EventSet } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

const { IN, OUT } = EventSet;

test('the log has the calls that change the interest list, in order, with their errors', () => {
  const poller = new FakePoller();
  const { fd } = poller.eventfd();
  poller.add(fd, IN, 1);
  expect(() => poller.add(fd, OUT, 2)).toThrow();
  poller.modify(fd, OUT, 3);
  poller.delete(fd);
  poller.delete(fd);
  poller.rebuild([{ fd, events: IN, generation: 4 }]);
  expect(poller.log).toEqual([
    { op: 'add', fd, events: IN, generation: 1 },
    { op: 'add', fd, events: OUT, generation: 2, error: 'EEXIST' },
    { op: 'modify', fd, events: OUT, generation: 3 },
    { op: 'delete', fd },
    { op: 'delete', fd },
    { op: 'rebuild', interests: [{ fd, events: IN, generation: 4 }] },
  ]);
});

test('the log has the errors that failNext() causes', () => {
  const poller = new FakePoller();
  poller.failNext('delete', 'ENOMEM');
  expect(() => poller.delete(3)).toThrow();
  expect(poller.log).toEqual([{ op: 'delete', fd: 3, error: 'ENOMEM' }]);
});

test('clearLog() empties the log, and later calls are recorded', () => {
  const poller = new FakePoller();
  const { fd } = poller.eventfd();
  poller.add(fd, IN, 1);
  poller.clearLog();
  expect(poller.log).toEqual([]);
  poller.delete(fd);
  expect(poller.log).toEqual([{ op: 'delete', fd }]);
});

test('the log has the calls that a manager makes', () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const eventFd = poller.eventfd(1);
  manager.add(eventFd, OUT, (_events, registration) => registration.modify(IN));
  poller.clearLog();
  manager.wait(0);
  expect(poller.log).toMatchObject([{ op: 'modify', fd: eventFd.fd, events: IN }]);
});
