import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { Interest } from '../src/poller.js';
import { ListPoller } from './list-poller.js';

const { IN, OUT, ONE_SHOT } = EventSet;

/** Keeps watching what it should delete until it is rebuilt, as epoll does with a file that outlives its fd. */
class ForgetfulPoller extends ListPoller {
  readonly rebuilds: (readonly Interest[])[] = [];
  refusals = 0;

  override delete(): void {
    // Ignored.
  }

  rebuild(interests: readonly Interest[]): void {
    if (this.refusals-- > 0) {
      throw new Error('refused');
    }
    this.rebuilds.push(interests.map(({ fd, events, generation }) => ({ fd, events, generation })));
    this.close();
    for (const { fd, events, generation } of interests) {
      this.add(fd, events, generation);
    }
  }
}

function setUp() {
  const poller = new ForgetfulPoller();
  const manager = new EventManager({ poller });
  poller.ready(9, IN);
  manager.add(9, IN, vi.fn()).delete();
  return { poller, manager };
}

describe('an event that can belong to no registration', () => {
  test('rebuilds the poller, with the active registrations, before the next poll', () => {
    const { poller, manager } = setUp();
    manager.add(3, IN, vi.fn());
    manager.wait(0);
    expect(manager.lastWait.stale).toBe(1);
    expect(poller.rebuilds).toEqual([]);
    manager.wait(0);
    expect(poller.rebuilds).toEqual([[expect.objectContaining({ fd: 3, events: IN })]]);
    manager.wait(0);
    expect(manager.stats.stale).toBe(1);
    expect(poller.rebuilds).toHaveLength(1);
  });

  test('rebuilds the poller at its next report, if the poller refused', () => {
    const { poller, manager } = setUp();
    poller.refusals = 2;
    for (let i = 0; i < 4; i++) {
      manager.wait(0);
    }
    expect(manager.stats.stale).toBe(3);
    expect(poller.rebuilds).toHaveLength(1);
  });

  test('leads to a rebuild without a fired ONE_SHOT, which re-arming then adds', () => {
    const { poller, manager } = setUp();
    const callback = vi.fn();
    poller.ready(3, IN);
    const registration = manager.add(3, IN | ONE_SHOT, callback);
    manager.wait(0);
    manager.wait(0);
    expect(poller.rebuilds).toEqual([[]]);
    expect(() => manager.add(3, IN, vi.fn())).toThrow(expect.objectContaining({ code: 'ERR_EM_ALREADY_REGISTERED' }));
    registration.rearm();
    manager.wait(0);
    expect(callback).toHaveBeenCalledTimes(2);
  });

  test('leads to a rebuild with a ONE_SHOT that fired and was re-armed', () => {
    const { poller, manager } = setUp();
    poller.ready(3, IN);
    const registration = manager.add(3, IN | ONE_SHOT, vi.fn());
    manager.wait();
    registration.rearm();
    expect(manager.wait()).toBe(1);
    expect(poller.rebuilds).toEqual([[expect.objectContaining({ fd: 3 })]]);
  });

  test('is not an event that a callback made stale in the same batch', () => {
    const poller = new ForgetfulPoller();
    const manager = new EventManager({ poller });
    poller.ready(1, IN);
    poller.ready(2, IN);
    const registrations = [1, 2].map((fd) =>
      manager.add(fd, IN, () => {
        for (const registration of registrations) {
          registration.pause();
        }
      }),
    );
    manager.wait(0);
    expect(manager.lastWait).toMatchObject({ dispatched: 1, masked: 1 });
    for (const registration of registrations) {
      registration.delete();
    }
    manager.add(3, IN, vi.fn());
    poller.ready(1, 0);
    poller.ready(2, 0);
    manager.wait(0);
    expect(poller.rebuilds).toEqual([]);
  });

  test('can be an unwanted event of a registered fd', () => {
    const poller = new ForgetfulPoller();
    const manager = new EventManager({ poller });
    const add = vi.spyOn(poller, 'add');
    manager.add(3, IN, vi.fn());
    vi.spyOn(poller, 'wait').mockImplementationOnce((batch) => {
      batch.cause = 'events';
      batch.set(0, 3, OUT, add.mock.lastCall?.[2] ?? 0);
      return 1;
    });
    manager.wait(0);
    expect(manager.lastWait.masked).toBe(1);
    manager.wait(0);
    expect(poller.rebuilds).toHaveLength(1);
  });

  test('leads to a rebuild without paused registrations, which resume() then adds', () => {
    const { poller, manager } = setUp();
    const callback = vi.fn();
    poller.ready(3, IN);
    const registration = manager.add(3, IN, callback);
    registration.pause();
    manager.wait(0);
    manager.wait(0);
    expect(poller.rebuilds).toEqual([[]]);
    registration.resume();
    manager.wait(0);
    expect(callback).toHaveBeenCalledOnce();
  });

  test('is ignored if the poller cannot be rebuilt', () => {
    const { poller, manager } = setUp();
    Object.assign(poller, { rebuild: undefined });
    manager.add(3, IN, vi.fn());
    poller.ready(3, IN);
    expect([manager.wait(), manager.wait()]).toEqual([1, 1]);
    expect(manager.stats.stale).toBe(2);
  });
});
