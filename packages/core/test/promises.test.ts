import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ON_ADD } from '../src/fd-object.js';
import { FdOwner } from '../src/fd-owner.js';
import { emError, invalidType, outOfRange } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN, OUT } = EventSet;

let poller: ListPoller;
let manager: EventManager;
let signal: AbortSignal;
let controller: AbortController;

beforeEach(() => {
  poller = new ListPoller();
  manager = new EventManager({ poller });
  controller = new AbortController();
  ({ signal } = controller);
});

/** Waits until every settled promise has called its handlers. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('once()', () => {
  test('fulfils with the events, and the fd can be added again', async () => {
    const events = manager.once({ fd: 3 }, IN | OUT);
    expect(manager.get(3)?.events).toBe(IN | OUT | EventSet.ONE_SHOT);
    poller.ready(3, OUT);
    expect(manager.wait(0)).toBe(1);
    expect(manager.wait(0)).toBe(0);
    expect(await events).toBe(OUT);
    expect(manager.size).toBe(0);
  });

  test('rejects with signal.reason, at once if the signal is aborted already', async () => {
    const reason = new Error('enough');
    const events = manager.once(3, IN, { signal });
    controller.abort(reason);
    await expect(events).rejects.toBe(reason);
    await expect(manager.once(3, IN, { signal })).rejects.toBe(reason);
    expect(manager.size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('rejects after its timeout, and not after an event in time', async () => {
    await expect(manager.once(3, IN, { timeoutMs: 1 })).rejects.toThrow(emError('ERR_EM_TIMEOUT'));
    expect(manager.size).toBe(0);
    const events = manager.once(3, IN, { timeoutMs: 2 ** 40, signal });
    poller.ready(3, IN);
    manager.wait(0);
    expect(await events).toBe(IN);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('fulfils with undefined after its timeout, if throwIfTimedOut is false', async () => {
    expect(await manager.once(3, IN, { timeoutMs: 1, throwIfTimedOut: false })).toBeUndefined();
    expect(manager.size).toBe(0);
    poller.ready(3, IN);
    const events = manager.once(3, IN, { timeoutMs: 60_000, throwIfTimedOut: false });
    manager.wait(0);
    expect(await events).toBe(IN);
  });

  test('after a timeout says whether nothing drives the manager', async () => {
    const message = 'Timed out after 1 ms waiting for fd 3';
    const undriven = `${message}; nothing drives the manager: call run(), or wait() in a loop`;
    const timeout = { timeoutMs: 1 };
    manager.wait(0);
    await expect(manager.once(3, IN, timeout)).rejects.toMatchObject({ message: undriven });
    const driven = manager.once(3, IN, timeout);
    manager.wait(0);
    await expect(driven).rejects.toMatchObject({ message });
    // The wait that was running when it began does not count.
    let begunInCallback: Promise<EventSet> | undefined;
    poller.ready(4, IN);
    manager.add(4, IN, () => {
      begunInCallback = manager.once(3, IN, timeout);
    });
    manager.wait(0);
    await expect(begunInCallback).rejects.toMatchObject({ message: undriven });
  });

  test('has no timer of the host if the poller has a clock, and times out by that', async () => {
    const clock = Object.assign(new ListPoller(), { nowMs: 0 });
    const onClock = new EventManager({ poller: clock });
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    const waiting = onClock.once(3, IN, { timeoutMs: 5 });
    expect(setTimer).not.toHaveBeenCalledWith(expect.anything(), 5);
    setTimer.mockRestore();
    clock.nowMs = 4;
    expect(onClock.wait(0)).toBe(0);
    clock.nowMs = 5;
    expect(onClock.wait(0)).toBe(1);
    await expect(waiting).rejects.toMatchObject({ message: 'Timed out after 5 ms waiting for fd 3' });
  });

  test('a timeout of one task does not affect another task of the same fd', async () => {
    const readable = manager.once(3, IN);
    await expect(manager.once(3, OUT, { timeoutMs: 1 })).rejects.toThrow(emError('ERR_EM_TIMEOUT'));
    expect(manager.get(3)?.events).toBe(IN | EventSet.ONE_SHOT);
    poller.ready(3, IN);
    manager.wait(0);
    expect(await readable).toBe(IN);
  });

  test('gives each fd object the registration that tasks share, and closing one of the objects ends all', async () => {
    class TestFd extends FdOwner {
      readonly fd = 3;
      protected readonly release = vi.fn<() => void>();
    }
    const fdObject = new TestFd();
    const others = manager.on(3, OUT);
    const step = others.next();
    for (let i = 0; i < 3; i++) {
      const events = manager.once(fdObject, IN);
      poller.ready(3, IN);
      manager.wait(0);
      expect(await events).toBe(IN);
    }
    const last = manager.once(fdObject, IN);
    fdObject.close();
    await expect(last).rejects.toThrow(emError('ERR_EM_NOT_REGISTERED'));
    await expect(step).rejects.toThrow(emError('ERR_EM_NOT_REGISTERED'));
  });

  test('waits alone if ON_ADD of its fd object ends the registration that it would join', async () => {
    const first = manager.once(3, IN);
    const second = manager.once({ fd: 3, [ON_ADD]: (registration) => void registration.delete() }, IN);
    await expect(first).rejects.toThrow(emError('ERR_EM_NOT_REGISTERED'));
    poller.ready(3, IN);
    manager.wait(0);
    expect(await second).toBe(IN);
  });

  test('a poller that refuses to watch for less ends the tasks that are left', async () => {
    const readable = manager.once(3, IN);
    const writable = manager.once(3, OUT, { signal });
    const refusal = new Error('refused');
    vi.spyOn(poller, 'modify').mockImplementationOnce(() => {
      throw refusal;
    });
    controller.abort();
    await expect(readable).rejects.toBe(refusal);
    await expect(writable).rejects.toBe(signal.reason);
    expect(manager.size).toBe(0);
  });

  test('rejects when its registration is deleted, or the manager closed', async () => {
    const deleted = manager.once(3, IN);
    manager.delete(3);
    await expect(deleted).rejects.toThrow(emError('ERR_EM_NOT_REGISTERED'));
    const closed = manager.once(3, IN);
    manager.close();
    await expect(closed).rejects.toThrow(emError('ERR_EM_CLOSED'));
    await expect(manager.once(3, IN)).rejects.toThrow(emError('ERR_EM_CLOSED'));
  });

  test('refuses what add() refuses, and changes nothing', async () => {
    const registration = manager.add(3, IN, vi.fn());
    await expect(manager.once(3, IN, { signal })).rejects.toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(registration.active).toBe(true);
    await expect(manager.once(4, EventSet.EXCLUSIVE)).rejects.toThrow(emError('ERR_EM_CONFLICTING_EVENTS'));
    await expect(manager.once(-1, IN)).rejects.toThrow(outOfRange);
    await expect(manager.once(4, IN, { timeoutMs: Number.NaN })).rejects.toThrow(outOfRange);
    await expect(Reflect.apply(manager.once, manager, [4, IN, { signal: 1 }])).rejects.toThrow(invalidType);
    await expect(Reflect.apply(manager.once, manager, [4, IN, { throwIfTimedOut: 0 }])).rejects.toThrow(invalidType);
    expect(manager.size).toBe(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('on()', () => {
  test('is armed only while a step is pending', async () => {
    const events = manager.on(3, IN);
    poller.ready(3, IN);
    expect(manager.size).toBe(0);
    const first = events.next();
    manager.wait(0);
    expect(await first).toEqual({ value: IN, done: false });
    expect(manager.wait(0)).toBe(0);
    expect(manager.size).toBe(1);
    const second = events.next();
    manager.wait(0);
    expect(await second).toEqual({ value: IN, done: false });
    await events.return(undefined);
    expect(manager.size).toBe(0);
  });

  test('ends when the loop ends early', async () => {
    poller.ready(3, IN);
    const steps: EventSet[] = [];
    const loop = (async () => {
      for await (const events of manager.on(3, IN)) {
        if (steps.push(events) === 2) {
          break;
        }
      }
    })();
    while (manager.wait(0) > 0 || manager.size > 0) {
      await settle();
    }
    await loop;
    expect(steps).toEqual([IN, IN]);
  });

  test('rejects the step with signal.reason, also one that begins later', async () => {
    const waiting = manager.on(3, IN, { signal });
    const step = waiting.next();
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(step).rejects.toBe(reason);
    await expect(manager.on(3, IN, { signal }).next()).rejects.toBe(reason);
    expect(manager.size).toBe(0);
  });

  test('rejects the next step when the manager was closed between two', async () => {
    const events = manager.on(3, IN);
    poller.ready(3, IN);
    const step = events.next();
    manager.wait(0);
    await step;
    manager.close();
    await expect(events.next()).rejects.toThrow(emError('ERR_EM_CLOSED'));
  });

  test.each(['return', 'throw'] as const)('%s() ends the pending steps at once, and the registration', async (way) => {
    const events = manager.on(3, IN, { signal });
    const steps = [events.next(), events.next()];
    expect(manager.size).toBe(1);
    const error = new Error('enough');
    if (way === 'return') {
      expect(await events.return()).toEqual({ done: true, value: undefined });
    } else {
      expect(await events.throw(error)).toEqual({ done: true, value: undefined });
    }
    expect(manager.size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const [first, second] = await Promise.allSettled(steps);
    const done = { status: 'fulfilled', value: { done: true, value: undefined } };
    expect(first).toEqual(way === 'throw' ? { status: 'rejected', reason: error } : done);
    expect(second).toEqual(done);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await expect(events.throw(error)).rejects.toBe(error);
  });

  test('return() before the first step leaves nothing to wait for', async () => {
    const events = manager.on(3, IN);
    expect(await events.return(undefined)).toEqual({ done: true, value: undefined });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(manager.size).toBe(0);
  });

  test('return() in ON_ADD of the first step leaves no registration', async () => {
    const events = manager.on({ fd: 3, [ON_ADD]: () => void events.return() }, IN, { signal });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(manager.size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('after return() no step reports an earlier failure', async () => {
    const events = manager.on(3, IN, { signal });
    poller.ready(3, IN);
    const step = events.next();
    manager.wait(0);
    await step;
    controller.abort();
    await events.return();
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('several pending steps get the events in order', async () => {
    const events = manager.on(3, IN | OUT);
    const steps = [events.next(), events.next()];
    for (const ready of [IN, OUT]) {
      poller.ready(3, ready);
      expect(manager.wait(0)).toBe(1);
    }
    expect(await Promise.all(steps)).toEqual([IN, OUT].map((value) => ({ done: false, value })));
    await events.return();
  });

  test('an event that was delivered is not lost to a return() in the same turn', async () => {
    const events = manager.on(3, IN);
    const step = events.next();
    poller.ready(3, IN);
    manager.wait(0);
    await events.return();
    expect(await step).toEqual({ done: false, value: IN });
  });

  test('an error rejects the first pending step, and ends the others', async () => {
    const events = manager.on(3, IN, { signal });
    const steps = [events.next(), events.next()];
    const reason = new Error('enough');
    controller.abort(reason);
    const [first, second] = await Promise.allSettled(steps);
    expect(first).toEqual({ status: 'rejected', reason });
    expect(second).toEqual({ status: 'fulfilled', value: { done: true, value: undefined } });
    expect(manager.size).toBe(0);
  });

  test('a step rejects after its timeout, and ends the iteration', async () => {
    const events = manager.on(3, IN, { timeoutMs: 1, signal });
    await expect(events.next()).rejects.toThrow(emError('ERR_EM_TIMEOUT'));
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(manager.size).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('a step yields undefined after its timeout if throwIfTimedOut is false, and the iteration goes on', async () => {
    const events = manager.on(3, IN, { timeoutMs: 1, throwIfTimedOut: false });
    const steps = [events.next(), events.next()];
    expect(await Promise.all(steps)).toEqual(Array(2).fill({ done: false, value: undefined }));
    poller.ready(3, IN);
    expect(manager.wait(0)).toBe(0);
    const third = events.next();
    expect(manager.wait(0)).toBe(1);
    expect(await third).toEqual({ done: false, value: IN });
    await events.return();
    expect(manager.size).toBe(0);
  });

  test('checks its arguments when it is called, not at the first step', () => {
    expect(() => manager.on(-1, IN)).toThrow(outOfRange);
    expect(() => Reflect.apply(manager.on, manager, [3, 'IN'])).toThrow(invalidType);
    manager.close();
    expect(() => manager.on(3, IN)).toThrow(emError('ERR_EM_CLOSED'));
  });
});
