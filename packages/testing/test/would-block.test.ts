import { EventManager, EventSet, ReadyBatch } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

const { IN, OUT, ONE_SHOT, EDGE_TRIGGERED } = EventSet;
const FOREVER = Number.POSITIVE_INFINITY;

test('a wait without a timeout throws if nothing can end it, and lists the fds that are watched', () => {
  const poller = new FakePoller();
  const [once, edge, idle] = [poller.eventfd(1), poller.eventfd(1), poller.eventfd()];
  poller.add(once.fd, IN | ONE_SHOT, 1);
  poller.add(edge.fd, EventSet.union(IN, EDGE_TRIGGERED), 2);
  poller.add(idle.fd, IN, 3);
  const batch = new ReadyBatch(4);
  expect(poller.wait(batch, FOREVER)).toBe(2);
  expect(() => poller.wait(batch, FOREVER)).toThrow(
    expect.objectContaining({
      code: 'ERR_EM_FAKE_WOULD_BLOCK',
      message:
        'The wait would never end: nothing is ready, and no action is planned with after(). ' +
        'Watched: fd 3 (IN|ONE_SHOT, fired), fd 4 (IN|EDGE_TRIGGERED), fd 5 (IN)',
    }),
  );
});

test('a wait without a timeout throws if nothing is watched', () => {
  const poller = new FakePoller();
  expect(() => poller.wait(new ReadyBatch(1), FOREVER)).toThrow(/Watched: nothing$/);
});

test('a wait that cannot end runs the planned actions before it throws', () => {
  const poller = new FakePoller();
  poller.after(10, () => undefined);
  expect(() => poller.wait(new ReadyBatch(1), FOREVER)).toThrow(
    expect.objectContaining({ code: 'ERR_EM_FAKE_WOULD_BLOCK' }),
  );
  expect(poller.nowMs).toBe(10);
});

test('a manager throws the error of a wait that cannot end, and keeps working', () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const eventFd = poller.eventfd();
  manager.add(eventFd, IN | OUT, () => undefined);
  manager.modify(eventFd.fd, IN);
  expect(() => manager.wait()).toThrow(/Watched: fd 3 \(IN\)$/);
  eventFd.write(1n);
  expect(manager.wait()).toBe(1);
});
