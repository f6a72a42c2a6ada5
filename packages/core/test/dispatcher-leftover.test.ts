import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ListPoller } from './list-poller.js';
import { readyManager } from './ready-manager.js';

const { IN, ONE_SHOT } = EventSet;

/** A manager of `count` ready ONE_SHOT fds, 1 and up, whose callbacks record their number and then call `then`. */
function oneShots(count: number, then: (fd: number) => void) {
  const poller = new ListPoller();
  const manager = new EventManager({ poller });
  const served: number[] = [];
  manager.wait(0); // What a wait counts in is used again by the next: let it be used already.
  for (let fd = 1; fd <= count; fd++) {
    poller.ready(fd, IN);
    manager.add(fd, IN | ONE_SHOT, () => {
      served.push(fd);
      then(fd);
    });
  }
  return { poller, manager, served, polls: vi.spyOn(poller, 'wait') };
}

describe('a callback that throws (C12)', () => {
  test.each([new Error('ouch'), 'ouch', undefined])('makes wait() throw the same value: %o', (thrown) => {
    const { manager } = readyManager([
      () => {
        throw thrown;
      },
    ]);
    const caught: unknown[] = [];
    try {
      manager.wait();
    } catch (error) {
      caught.push(error);
    }
    expect(caught).toEqual([thrown]);
    expect(caught[0]).toBe(thrown);
  });

  test('loses no event: the next wait dispatches the rest, once, and does not poll', () => {
    const { manager, served, polls } = oneShots(5, (fd) => {
      if (fd === 2) {
        throw new Error('ouch');
      }
    });
    expect(() => manager.wait()).toThrow('ouch');
    expect(served).toEqual([1, 2]);
    expect(manager.lastWait).toMatchObject({ cause: 'events', ready: 5, dispatched: 2 });
    expect(manager.wait()).toBe(3);
    expect(served).toEqual([1, 2, 3, 4, 5]);
    expect(manager.lastWait).toMatchObject({ cause: 'events', ready: 3, dispatched: 3 });
    expect(polls).toHaveBeenCalledOnce();
    expect(manager.wait(0)).toBe(0);
    expect(polls).toHaveBeenCalledTimes(2);
    expect(manager.stats).toMatchObject({ waits: 4, dispatched: 5 });
  });

  test('ends one wait each, if every callback throws', () => {
    const { manager, served, polls } = oneShots(3, (fd) => {
      throw new Error(`ouch ${fd}`);
    });
    for (const fd of [1, 2, 3]) {
      expect(() => manager.wait()).toThrow(`ouch ${fd}`);
    }
    expect(served).toEqual([1, 2, 3]);
    expect(polls).toHaveBeenCalledOnce();
    expect(manager.wait(0)).toBe(0);
  });

  test('leaves events that are stale if their registrations are deleted before the next wait', () => {
    const { manager, served } = oneShots(3, (fd) => {
      if (fd === 1) {
        throw new Error('ouch');
      }
    });
    expect(() => manager.wait()).toThrow('ouch');
    manager.delete(2);
    expect([manager.wait(), manager.lastWait.stale]).toEqual([1, 1]);
    expect(served).toEqual([1, 3]);
  });

  test('leaves no events if it has closed the manager', () => {
    const { manager, served } = oneShots(2, () => {
      manager.close();
      throw new Error('ouch');
    });
    expect(() => manager.wait()).toThrow('ouch');
    expect(served).toEqual([1]);
    expect(manager.lastWait.dispatched).toBe(1);
  });
});

describe('Poller.onLeftovers', () => {
  const cases: [string, (manager: EventManager) => void, number][] = [
    ['is called if a callback throws before the end of the batch', () => raise(), 1],
    ['is not called if every event is delivered', () => undefined, 0],
    ['is not called if the callback that throws has closed the manager', (manager) => raise(() => manager.close()), 0],
  ];

  test.each(cases)('%s', (_, act, calls) => {
    const onLeftovers = vi.fn();
    const { poller, manager } = oneShots(2, (fd) => (fd === 1 ? act(manager) : undefined));
    Object.assign(poller, { onLeftovers });
    try {
      manager.wait();
    } catch {
      // The error of the callback.
    }
    expect(onLeftovers).toHaveBeenCalledTimes(calls);
  });

  test('is called if a dispatch ends early', () => {
    const onLeftovers = vi.fn();
    const { poller, manager } = oneShots(2, () => undefined);
    Object.assign(poller, { onLeftovers });
    for (const _ of manager.dispatch()) {
      break;
    }
    expect(onLeftovers).toHaveBeenCalledOnce();
  });
});

function raise(before: () => void = () => undefined): never {
  before();
  throw new Error('ouch');
}

describe('a wait in a callback (C13)', () => {
  test('dispatches the rest of the batch without polling, and nothing twice', () => {
    const inner: number[] = [];
    const { manager, served, polls } = oneShots(5, (fd) => {
      if (fd === 1) {
        inner.push(manager.wait(), manager.lastWait.ready);
      }
    });
    expect(manager.wait()).toBe(1);
    expect(inner).toEqual([4, 4]);
    expect(served).toEqual([1, 2, 3, 4, 5]);
    expect(polls).toHaveBeenCalledOnce();
    expect(manager.lastWait).toMatchObject({ cause: 'events', ready: 5, dispatched: 1 });
    expect(manager.stats).toMatchObject({ waits: 3, dispatched: 5 });
  });

  test('polls when the batch is exhausted', () => {
    const inner: number[] = [];
    const { poller, manager, served, polls } = oneShots(2, (fd) => {
      if (fd === 2) {
        poller.ready(3, IN);
        inner.push(manager.wait());
      }
    });
    manager.add(3, IN | ONE_SHOT, () => void served.push(3));
    expect(manager.wait()).toBe(2);
    expect(inner).toEqual([1]);
    expect(served).toEqual([1, 2, 3]);
    expect(polls).toHaveBeenCalledTimes(2);
  });

  test('can nest as deep as the batch is long', () => {
    const { manager, served, polls } = oneShots(4, (fd) => {
      expect(manager.wait(0)).toBe(fd === 4 ? 0 : 1);
    });
    expect(manager.wait()).toBe(1);
    expect(served).toEqual([1, 2, 3, 4]);
    expect(polls).toHaveBeenCalledTimes(2);
    expect(manager.lastWait).toMatchObject({ cause: 'events', ready: 4, dispatched: 1 });
    expect(manager.stats).toMatchObject({ waits: 6, dispatched: 4 });
  });

  test('leaves the rest to the outer wait if it throws and the callback continues', () => {
    const { manager, served, polls } = oneShots(4, (fd) => {
      if (fd === 1) {
        expect(() => manager.wait()).toThrow('ouch');
      }
      if (fd === 2) {
        throw new Error('ouch');
      }
    });
    expect(manager.wait()).toBe(3);
    expect(served).toEqual([1, 2, 3, 4]);
    expect(polls).toHaveBeenCalledOnce();
  });

  test('can delete the registration whose callback calls it', () => {
    const { manager, served } = oneShots(3, (fd) => {
      if (fd === 1) {
        expect(manager.wait()).toBe(2);
      } else {
        manager.delete(1);
      }
    });
    expect(manager.wait()).toBe(1);
    expect(served).toEqual([1, 2, 3]);
    expect(manager.has(1)).toBe(false);
  });
});
