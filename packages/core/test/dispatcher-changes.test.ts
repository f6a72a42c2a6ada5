import { describe, expect, test, vi } from 'vitest';
import { EventSet } from '../src/event-set.js';
import type { EventCallback } from '../src/options.js';
import { readyManager } from './ready-manager.js';

const { IN, OUT, HANG_UP, ONE_SHOT } = EventSet;

describe('a registration that a callback deletes (C9)', () => {
  test('is not called for its event in the batch, which counts as stale', () => {
    const later = vi.fn();
    const { manager } = readyManager([() => void manager.delete(2), later]);
    expect(manager.wait()).toBe(1);
    expect(later).not.toHaveBeenCalled();
    expect(manager.lastWait).toMatchObject({ ready: 2, dispatched: 1, stale: 1, masked: 0 });
  });

  test('can be that of the callback itself', () => {
    const itself = vi.fn<EventCallback>((_events, registration) => void registration.delete());
    const { manager } = readyManager([itself, vi.fn()]);
    expect([manager.wait(), manager.wait()]).toEqual([2, 1]);
    expect(itself).toHaveBeenCalledOnce();
  });

  test('does not pass its event to a new registration of its number, which the next wait dispatches', () => {
    const newcomer = vi.fn();
    const { manager } = readyManager([
      (_events, registration) => {
        registration.delete();
        manager.delete(2);
        manager.add(2, IN, newcomer);
      },
      vi.fn(),
    ]);
    expect(manager.wait()).toBe(1);
    expect(newcomer).not.toHaveBeenCalled();
    expect(manager.lastWait.stale).toBe(1);
    expect(manager.wait()).toBe(1);
    expect(newcomer).toHaveBeenCalledOnce();
  });

  test('does not pass its event to a new registration of its number after its file is closed', () => {
    const [former, newcomer] = [vi.fn(), vi.fn()];
    const { poller, manager } = readyManager([
      (_events, registration) => {
        registration.delete();
        poller.delete(2);
        manager.add(2, IN, newcomer);
      },
      former,
    ]);
    expect([manager.wait(), manager.lastWait.stale]).toEqual([1, 1]);
    expect(manager.wait()).toBe(1);
    expect([former.mock.calls.length, newcomer.mock.calls.length]).toEqual([0, 1]);
  });
});

test.each([
  ['an fd that is not registered', 9, 1],
  ['a generation of no registration', 1, 2 ** 32 - 1],
  ['the generation of the poller itself', 1, 0],
])('an event for %s is stale, and no callback gets it', (_whom, fd, generation) => {
  const callback = vi.fn();
  const { manager, polls } = readyManager([callback]);
  polls.mockImplementationOnce((batch) => {
    batch.cause = 'events';
    batch.set(0, fd, IN, generation);
    return 1;
  });
  expect(manager.wait()).toBe(0);
  expect(callback).not.toHaveBeenCalled();
  expect(manager.lastWait).toMatchObject({ cause: 'events', ready: 1, stale: 1, masked: 0 });
});

describe('an event that is no longer wanted (C10)', () => {
  test('is masked if no wanted event is left', () => {
    const later = vi.fn();
    const { manager } = readyManager([() => manager.modify(2, OUT), later]);
    expect(manager.wait()).toBe(1);
    expect(later).not.toHaveBeenCalled();
    expect(manager.lastWait).toMatchObject({ ready: 2, dispatched: 1, stale: 0, masked: 1 });
    expect(manager.stats.masked).toBe(1);
  });

  test('is removed from the events that are delivered: HANG_UP is left', () => {
    const later = vi.fn();
    const { poller, manager } = readyManager([() => manager.get(2)?.disable(IN), later]);
    poller.ready(2, IN | HANG_UP);
    expect(manager.wait()).toBe(2);
    expect(later).toHaveBeenCalledExactlyOnceWith(HANG_UP, manager.get(2));
  });

  test('is every event during a pause, HANG_UP included', () => {
    const later = vi.fn();
    const { poller, manager } = readyManager([() => manager.get(2)?.pause(), later]);
    poller.ready(2, IN | HANG_UP);
    expect(manager.wait()).toBe(1);
    expect(later).not.toHaveBeenCalled();
    expect(manager.lastWait.masked).toBe(1);
  });

  test('comes again after a pause: the event from before is stale', () => {
    const later = vi.fn();
    const blink = vi.fn<() => void>().mockImplementationOnce(() => {
      manager.get(2)?.pause();
      manager.get(2)?.resume();
    });
    const { manager } = readyManager([blink, later]);
    expect([manager.wait(), manager.lastWait.stale]).toEqual([1, 1]);
    expect(manager.wait()).toBe(2);
    expect(later).toHaveBeenCalledOnce();
  });
});

describe('a registration that a callback adds or re-arms', () => {
  test('is called from the next wait on (C11)', () => {
    const added = vi.fn();
    const { poller, manager } = readyManager([
      (_events, registration) => {
        registration.delete();
        manager.add(2, IN, added);
      },
    ]);
    poller.ready(2, IN);
    expect(manager.wait()).toBe(1);
    expect(added).not.toHaveBeenCalled();
    expect(manager.wait()).toBe(1);
    expect(added).toHaveBeenCalledOnce();
  });

  test('is called once per arming: the ONE_SHOT event from before is stale', () => {
    const once = vi.fn();
    const rearm = vi.fn<() => void>().mockImplementationOnce(() => manager.get(2)?.rearm());
    const { poller, manager } = readyManager([rearm]);
    poller.ready(2, IN);
    manager.add(2, IN | ONE_SHOT, once);
    expect([manager.wait(), manager.lastWait.stale]).toEqual([1, 1]);
    expect(once).not.toHaveBeenCalled();
    expect([manager.wait(), manager.wait()]).toEqual([2, 1]);
    expect(once).toHaveBeenCalledOnce();
  });
});
