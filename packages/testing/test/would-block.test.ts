import { EventManager, EventSet, ReadyBatch } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

const { IN, OUT, ONE_SHOT, EDGE_TRIGGERED } = EventSet;
const FOR_EVER = Number.POSITIVE_INFINITY;

test('waiting for ever for what cannot happen throws, and names what is watched', () => {
  const poller = new FakePoller();
  const [once, edge, idle] = [poller.eventfd(1n), poller.eventfd(1n), poller.eventfd()];
  poller.add(once.fd, IN | ONE_SHOT, 1);
  poller.add(edge.fd, EventSet.union(IN, EDGE_TRIGGERED), 2);
  poller.add(idle.fd, IN, 3);
  const batch = new ReadyBatch(4);
  expect(poller.wait(batch, FOR_EVER)).toBe(2);
  expect(() => poller.wait(batch, FOR_EVER)).toThrow(
    expect.objectContaining({
      code: 'ERR_EM_FAKE_WOULD_BLOCK',
      message:
        'Cannot wait for ever: nothing is ready, and nothing is planned with after(). ' +
        'Watched: fd 3 (IN|ONE_SHOT, fired), fd 4 (IN|EDGE_TRIGGERED), fd 5 (IN)',
    }),
  );
});

test('so does waiting for nothing at all', () => {
  const poller = new FakePoller();
  expect(() => poller.wait(new ReadyBatch(1), FOR_EVER)).toThrow(/Watched: nothing$/);
});

test('what is planned is waited for first', () => {
  const poller = new FakePoller();
  poller.after(10, () => undefined);
  expect(() => poller.wait(new ReadyBatch(1), FOR_EVER)).toThrow(
    expect.objectContaining({ code: 'ERR_EM_FAKE_WOULD_BLOCK' }),
  );
  expect(poller.nowMs).toBe(10);
});

test('a manager throws it too, and works on', () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const eventFd = poller.eventfd();
  manager.add(eventFd, IN | OUT, () => undefined);
  manager.modify(eventFd.fd, IN);
  expect(() => manager.wait()).toThrow(/Watched: fd 3 \(IN\)$/);
  eventFd.write(1n);
  expect(manager.wait()).toBe(1);
});
