import { EventManager, EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import { expect, test } from 'vitest';
import { EventFd, Pipe, TimerFd, UdpSocket } from '../../src/index.js';

test('a FakePoller refuses a real fd object, and its error names the fake to use', () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const { reader, writer } = Pipe.open();
  const objects = [
    [new TimerFd(), /a real TimerFd; use poller\.timerfd\(\)$/],
    [new EventFd(), /a real EventFd; use poller\.eventfd\(\)$/],
    [UdpSocket.bind({ host: '127.0.0.1', port: 0 }), /a real UdpSocket; use poller\.udp\(\)$/],
    [reader, /a real PipeReader; use poller\.pipe\(\)$/],
    [writer, /a real PipeWriter; use poller\.pipe\(\)$/],
  ] as const;
  // The fake has files with their numbers.
  while (poller.eventfd().fd < Math.max(...objects.map(([{ fd }]) => fd))) {
    // Another one.
  }
  for (const [object, message] of objects) {
    expect(() => manager.add(object, EventSet.IN, () => undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_EM_FAKE_FOREIGN_FD', message: expect.stringMatching(message) }),
    );
    object.close();
  }
  expect(manager.size).toBe(0);
});
