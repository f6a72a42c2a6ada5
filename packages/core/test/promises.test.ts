import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ON_ADD } from '../src/fd-object.js';
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

  test('checks its arguments when it is called, not at the first step', () => {
    expect(() => manager.on(-1, IN)).toThrow(outOfRange);
    expect(() => Reflect.apply(manager.on, manager, [3, 'IN'])).toThrow(invalidType);
    manager.close();
    expect(() => manager.on(3, IN)).toThrow(emError('ERR_EM_CLOSED'));
  });
});
