import { EventManager, EventSet } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';
import { report } from './report.js';

const { EDGE_TRIGGERED, IN, ONE_SHOT, PRIORITY } = EventSet;
const IN_EDGE = EventSet.union(IN, EDGE_TRIGGERED);

let poller: FakePoller;

beforeEach(() => {
  poller = new FakePoller();
});

const queued = () => poller.readyList.map(({ fd }) => fd);

describe('interestList', () => {
  test('has what is watched, and what is pending', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN, 7);
    expect(poller.interestList).toEqual([
      { fd: 3, events: IN, generation: 7, armed: true, pending: 0, isQueued: false, isReachable: true },
    ]);
    eventFd.write();
    expect(poller.interestList).toMatchObject([{ pending: IN, isQueued: true }]);
  });

  test('shows the bytes of a partial read that no wait reports', () => {
    const { reader, writer } = poller.pipe();
    poller.add(reader.fd, IN_EDGE, 1);
    writer.write(new Uint8Array(10));
    report(poller);
    reader.read(new Uint8Array(4));
    expect(poller.interestList).toMatchObject([{ pending: IN, isQueued: false }]);
    expect(report(poller)).toEqual([]);
  });

  test('shows a ONE_SHOT that has fired as disarmed, with nothing pending', () => {
    poller.add(poller.eventfd(1).fd, IN | ONE_SHOT, 1);
    report(poller);
    expect(poller.interestList).toMatchObject([{ armed: false, pending: 0, isQueued: false }]);
  });

  test('keeps an entry whose number is closed while a duplicate is open, and says that it cannot be reached', () => {
    const eventFd = poller.eventfd();
    const copy = eventFd.dup();
    poller.add(eventFd.fd, IN, 1);
    eventFd.close();
    expect(poller.interestList).toMatchObject([{ fd: 3, isReachable: false }]);
    copy.close();
    expect(poller.interestList).toEqual([]);
  });

  test('does not consume the event of a trigger', () => {
    const trigger = poller.trigger();
    poller.add(trigger.fd, PRIORITY, 1);
    trigger.fire();
    expect(poller.interestList).toMatchObject([{ pending: PRIORITY }]);
    expect(report(poller)).toEqual(['3 PRIORITY']);
  });

  test('leaves paused registrations out', () => {
    const manager = new EventManager({ poller });
    const registration = manager.add(poller.eventfd(), IN, () => undefined);
    registration.pause();
    expect(poller.interestList).toEqual([]);
  });
});

describe('readyList', () => {
  test('is in the order in which files became ready, without a wake', () => {
    const files = [poller.eventfd(), poller.eventfd()] as const;
    for (const [index, { fd }] of files.entries()) {
      poller.add(fd, IN, index);
    }
    poller.wake();
    files[1].write();
    files[0].write();
    expect(queued()).toEqual([4, 3]);
  });

  test('rotates as a small batch takes entries from its head', () => {
    for (const generation of [1, 2, 3]) {
      poller.add(poller.eventfd(1).fd, IN, generation);
    }
    expect(queued()).toEqual([3, 4, 5]);
    poller.limitNext(1);
    report(poller);
    expect(queued()).toEqual([4, 5, 3]);
  });

  test('keeps an entry that has become unready until a wait has asked it', () => {
    const eventFd = poller.eventfd(1);
    poller.add(eventFd.fd, IN, 1);
    eventFd.read();
    expect(poller.readyList).toMatchObject([{ fd: 3, pending: 0 }]);
    report(poller);
    expect(queued()).toEqual([]);
  });
});
