import { EventManager, EventSet, ReadyBatch } from '@em/core';
import { KERNEL_FD } from '@em/core/fd-owner';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';
import { report } from './report.js';

const { IN, ONE_SHOT, PRIORITY } = EventSet;
const IN_EXCLUSIVE = EventSet.union(IN, EventSet.EXCLUSIVE);
const code = (value: string) => expect.objectContaining({ code: value });

let poller: FakePoller;
let other: FakePoller;

beforeEach(() => {
  poller = new FakePoller();
  other = new FakePoller({ sharing: poller });
});

/** Waits until an action at 10 ms makes the file ready, and returns the number of entries. */
function waitFor(waiter: FakePoller, action: () => void): number {
  waiter.after(10, action);
  return waiter.wait(new ReadyBatch(4), 1000);
}

describe('pollers that share files', () => {
  test('have the same fds, files and time', () => {
    const eventFd = poller.eventfd(1);
    expect(other.eventfd().fd).toBe(4);
    other.add(eventFd.fd, IN, 1);
    poller.add(eventFd.fd, IN, 1);
    expect([report(poller), report(other)]).toEqual([['3 IN'], ['3 IN']]);
    eventFd.read();
    other.wait(new ReadyBatch(1), 50);
    expect([poller.nowMs, other.nowMs]).toEqual([50, 50]);
  });

  test('do not share registrations, faults or the log', () => {
    const eventFd = poller.eventfd();
    other.failNext('add', 'ENOSPC');
    poller.add(eventFd.fd, IN, 1);
    expect(() => other.add(eventFd.fd, IN, 1)).toThrow(code('ENOSPC'));
    other.add(eventFd.fd, IN, 1);
    poller.close();
    expect([poller.log.length, other.log.length]).toEqual([1, 2]);
    eventFd.write();
    expect(report(other)).toEqual(['3 IN']);
  });

  test('refuse to share with what is not a FakePoller', () => {
    for (const sharing of [{}, null, 3]) {
      expect(() => new FakePoller({ sharing: sharing as never })).toThrow(code('ERR_INVALID_ARG_TYPE'));
    }
  });
});

describe('EXCLUSIVE', () => {
  test('gives an event to the poller that waits, and never to the later ones', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN_EXCLUSIVE, 1);
    other.add(eventFd.fd, IN_EXCLUSIVE, 2);
    expect(waitFor(poller, () => eventFd.write())).toBe(1);
    expect([report(other), report(poller)]).toEqual([[], ['3 IN']]);
  });

  test('lets an earlier poller have the event too, if only a later one waits', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN_EXCLUSIVE, 1);
    other.add(eventFd.fd, IN_EXCLUSIVE, 2);
    expect(waitFor(other, () => eventFd.write())).toBe(1);
    expect(report(poller)).toEqual(['3 IN']);
  });

  test('excludes no poller if none waits', () => {
    const eventFd = poller.eventfd();
    poller.add(eventFd.fd, IN_EXCLUSIVE, 1);
    other.add(eventFd.fd, IN_EXCLUSIVE, 2);
    eventFd.write();
    expect([report(poller), report(other)]).toEqual([['3 IN'], ['3 IN']]);
  });

  test('is over for a wait that was woken: the second event of one moment reaches the next poller', () => {
    const [one, two] = [poller.eventfd(), poller.eventfd()];
    for (const { fd } of [one, two]) {
      poller.add(fd, IN_EXCLUSIVE, fd);
      other.add(fd, IN_EXCLUSIVE, fd);
    }
    const woken = waitFor(poller, () => {
      one.write();
      two.write();
    });
    expect([woken, report(other)]).toEqual([2, ['4 IN']]);
  });

  test('does not exclude pollers without it, nor from the end of the peer', () => {
    const { reader, writer } = poller.pipe();
    const third = new FakePoller({ sharing: poller });
    poller.add(reader.fd, IN_EXCLUSIVE, 1);
    other.add(reader.fd, IN_EXCLUSIVE, 2);
    third.add(reader.fd, IN, 3);
    expect(waitFor(poller, () => writer.write(Uint8Array.of(1)))).toBe(1);
    expect([report(other), report(third)]).toEqual([[], ['3 IN']]);
    reader.read(new Uint8Array(1));
    report(poller);
    expect(waitFor(poller, () => writer.close())).toBe(1);
    expect(report(other)).toEqual(['3 HANG_UP']);
  });
});

describe('a poller in a poller', () => {
  test('is IN while the inner one has something to report, wakes included', () => {
    const eventFd = poller.eventfd();
    const inner = other;
    expect(inner.fd).toBe(4);
    poller.add(inner.fd, IN, 1);
    inner.add(eventFd.fd, IN, 1);
    expect(report(poller)).toEqual([]);
    expect(waitFor(poller, () => eventFd.write())).toBe(1);
    expect([report(poller), report(inner), report(poller)]).toEqual([['4 IN'], ['3 IN'], ['4 IN']]);
    eventFd.read();
    expect(report(poller)).toEqual([]);
    inner.wake();
    expect(report(poller)).toEqual(['4 IN']);
    expect(report(inner)).toEqual([]);
    expect(report(poller)).toEqual([]);
  });

  test('is an edge for each event of the inner one', () => {
    const eventFd = poller.eventfd();
    other.add(eventFd.fd, IN, 1);
    poller.add(other.fd, EventSet.union(IN, EventSet.EDGE_TRIGGERED), 1);
    eventFd.write();
    expect([report(poller), report(poller)]).toEqual([['4 IN'], []]);
    eventFd.write();
    expect(report(poller)).toEqual(['4 IN']);
  });

  test('lets a manager be driven by another one, and loses no event that is consumed', () => {
    const outer = new EventManager({ poller });
    const inner = new EventManager({ poller: other });
    const [level, once] = [poller.trigger(), poller.trigger()];
    const called: string[] = [];
    inner.add(level, PRIORITY, () => void called.push('level'));
    inner.add(once, PRIORITY | ONE_SHOT, () => void called.push('once'));
    outer.add(other, IN, () => void inner.wait(0));
    poller.after(10, () => level.fire());
    poller.after(20, () => once.fire());
    outer.wait();
    outer.wait();
    expect(called).toEqual(['level', 'once']);
    expect(() => outer.wait()).toThrow(code('ERR_EM_FAKE_WOULD_BLOCK'));
  });

  test('polls the files of the inner one through its plain fd, and so takes what they consume', () => {
    const [trigger, eventFd] = [poller.trigger(), poller.eventfd()];
    other.add(trigger.fd, PRIORITY, 1);
    other.add(eventFd.fd, IN, 1);
    expect(other.plainFd).toBe(5);
    poller.add(other.plainFd, IN, 1);
    trigger.fire();
    expect([report(poller), report(other), report(poller)]).toEqual([['5 IN'], [], []]);
    // It polls no file behind the one that is ready.
    eventFd.write();
    trigger.fire();
    expect([report(poller), report(other), report(poller)]).toEqual([['5 IN'], ['4 IN', '3 PRIORITY'], ['5 IN']]);
    other.close();
    expect(poller.eventfd().fd).toBe(5);
  });

  test('takes what a file consumes through two plain fds, and when its plain fd is added', () => {
    const third = new FakePoller({ sharing: poller });
    const trigger = poller.trigger();
    third.add(trigger.fd, PRIORITY, 1);
    other.add(third.plainFd, IN, 1);
    poller.add(other.plainFd, IN, 1);
    trigger.fire();
    expect([report(poller), report(other), report(third)]).toEqual([['5 IN'], [], []]);
    poller.delete(other.plainFd);
    trigger.fire();
    poller.add(other.plainFd, IN, 1);
    expect(report(third)).toEqual([]);
  });

  test('is ready until the rest of a batch is delivered', () => {
    const outer = new EventManager({ poller });
    const inner = new EventManager({ poller: other });
    const called: number[] = [];
    for (const fake of [poller.eventfd(1), poller.eventfd(1)]) {
      inner.add(fake, EventSet.union(IN, EventSet.EDGE_TRIGGERED), (_, { fd }) => {
        called.push(fd);
        throw new Error('enough');
      });
    }
    outer.add(other, IN, () => void inner.wait(0));
    expect(() => outer.wait()).toThrow('enough');
    expect(() => outer.wait()).toThrow('enough');
    expect(called).toEqual([3, 4]);
  });

  test('keeps its number in a rebuild, and is gone when it is closed', () => {
    const eventFd = poller.eventfd();
    other.add(eventFd.fd, IN, 1);
    poller.add(other.fd, IN, 1);
    other.rebuild([{ fd: eventFd.fd, events: IN, generation: 1 }]);
    eventFd.write();
    expect(report(poller)).toEqual(['4 IN']);
    other.close();
    other.close();
    expect(report(poller)).toEqual([]);
    expect(poller.eventfd().fd).toBe(4);
    expect(() => other.fd).toThrow(code('EBADF'));
  });

  test('is refused in itself, in a circle, more than four links deep, and with EXCLUSIVE', () => {
    const pollers = [poller, other];
    while (pollers.length < 6) {
      pollers.push(new FakePoller({ sharing: poller }));
    }
    const [a, b, c, d, e, f] = pollers as [FakePoller, FakePoller, FakePoller, FakePoller, FakePoller, FakePoller];
    expect(() => a.add(a.fd, IN, 1)).toThrow(code('EINVAL'));
    expect(() => a.add(b.fd, IN_EXCLUSIVE, 1)).toThrow(code('EINVAL'));
    a.add(b.fd, IN, 1);
    expect(() => b.add(a.fd, IN, 1)).toThrow(code('ELOOP'));
    b.add(c.fd, IN, 1);
    expect(() => c.add(a.fd, IN, 1)).toThrow(code('ELOOP'));
    e.add(f.fd, IN, 1);
    c.add(d.fd, IN, 1);
    expect(() => d.add(e.fd, IN, 1)).toThrow(code('ELOOP'));
    e.delete(f.fd);
    d.add(e.fd, IN, 1);
    expect(() => e.add(f.fd, IN, 1)).toThrow(code('ELOOP'));
  });
});

describe('a file that is not of the fake', () => {
  test('is refused if it belongs to another fake, with the way to share', () => {
    const manager = new EventManager({ poller });
    poller.eventfd();
    const elsewhere = new FakePoller();
    expect(() => manager.add(elsewhere.eventfd(), IN, () => undefined)).toThrow(
      expect.objectContaining({
        code: 'ERR_EM_FAKE_FOREIGN_FD',
        message: expect.stringMatching(/^Cannot watch fd 3 with a FakePoller: .*sharing/),
      }),
    );
    expect(() => manager.add(elsewhere, IN, () => undefined)).toThrow(code('ERR_EM_FAKE_FOREIGN_FD'));
    expect(manager.size).toBe(0);
  });

  test('is refused as a real fd object, by its kind', () => {
    const manager = new EventManager({ poller });
    poller.eventfd();
    class TimerFd {
      readonly fd = 3;
      readonly [KERNEL_FD] = true;
    }
    class Gadget extends TimerFd {}
    expect(() => manager.add(new TimerFd(), IN, () => undefined)).toThrow(/a real TimerFd; use poller\.timerfd\(\)$/);
    expect(() => manager.add(new Gadget(), IN, () => undefined)).toThrow(/a real Gadget; use .*poller\.device\(\)$/);
  });

  test('is refused as a number that is not open, and the error says why', () => {
    const manager = new EventManager({ poller });
    expect(() => manager.add(20, IN, () => undefined)).toThrow(
      expect.objectContaining({ code: 'EBADF', message: expect.stringContaining('cannot watch a real one') }),
    );
  });

  test('is accepted as an object of the user around a fake', () => {
    const manager = new EventManager({ poller });
    const eventFd = poller.eventfd(1);
    let calls = 0;
    manager.add({ fd: eventFd.fd }, IN, () => void calls++);
    manager.wait(0);
    expect(calls).toBe(1);
  });
});
