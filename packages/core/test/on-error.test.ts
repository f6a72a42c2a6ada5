import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { EventCallback } from '../src/options.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;
const refusal = new Error('refused');

/** A manager of ready fds, from 0, one per callback. */
function ready(callbacks: EventCallback[], onError?: (error: unknown) => void) {
  const poller = new ListPoller();
  const manager = new EventManager({ poller, onError });
  for (const [fd, callback] of callbacks.entries()) {
    poller.ready(fd, IN);
    manager.add(fd, IN, callback);
  }
  return { poller, manager };
}

const fail = (): never => {
  throw refusal;
};

/** Waits until every settled promise has called its handlers. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('C12 with onError', () => {
  test('the handler gets a thrown error and its registration, and dispatch continues', () => {
    const last = vi.fn();
    const onError = vi.fn();
    const { manager } = ready([fail, last], onError);
    expect(manager.wait(0)).toBe(2);
    expect(last).toHaveBeenCalledOnce();
    expect(onError).toHaveBeenCalledExactlyOnceWith(refusal, manager.get(0));
  });

  test('the handler gets a rejection and its registration', async () => {
    const onError = vi.fn();
    const { manager } = ready([() => Promise.reject(refusal)], onError);
    expect(manager.wait(0)).toBe(1);
    await settle();
    expect(onError).toHaveBeenCalledExactlyOnceWith(refusal, manager.get(0));
  });

  test('wait() throws what the handler throws, and the next wait dispatches the rest', () => {
    const last = vi.fn();
    const { manager } = ready([fail, last], (error) => {
      throw error;
    });
    expect(() => manager.wait(0)).toThrow(refusal);
    expect(manager.wait(0)).toBe(1);
    expect(last).toHaveBeenCalledOnce();
  });

  test('dispatch() yields nothing for a callback that has thrown', () => {
    const { manager } = ready([() => 1, fail, () => 3], vi.fn());
    expect([...manager.dispatch(0)]).toEqual([1, 3]);
  });
});

describe('C12 without onError', () => {
  test('the next wait() throws a rejection and calls no callback; the one after calls all', async () => {
    const other = vi.fn();
    const { manager } = ready([() => Promise.reject(refusal), other]);
    expect(manager.wait(0)).toBe(2);
    await settle();
    expect(() => manager.wait(0)).toThrow(refusal);
    expect(other).toHaveBeenCalledOnce();
    manager.delete(0);
    expect(manager.wait(0)).toBe(1);
    expect(other).toHaveBeenCalledTimes(2);
  });

  test('a rejection reports leftovers to the poller, and does not wake it', async () => {
    const { poller, manager } = ready([() => Promise.reject(refusal)]);
    const wake = vi.spyOn(poller, 'wake');
    const onLeftovers = vi.fn();
    Object.assign(poller, { onLeftovers });
    manager.wait(0);
    await settle();
    expect(onLeftovers).toHaveBeenCalledOnce();
    expect(wake).not.toHaveBeenCalled();
  });

  test('each of many rejections is thrown by a wait() of its own', async () => {
    const second = new Error('second');
    const { manager } = ready([() => Promise.reject(refusal), () => Promise.reject(second)]);
    manager.wait(0);
    await settle();
    expect(() => manager.wait(0)).toThrow(refusal);
    expect(() => manager.wait(0)).toThrow(second);
    manager.delete(0);
    manager.delete(1);
    expect(manager.wait(0)).toBe(0);
  });

  test('a rejection after close() is an unhandled rejection of the host', async () => {
    const { manager } = ready([() => Promise.reject(refusal)]);
    const runners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const unhandled = once(process, 'unhandledRejection');
    manager.wait(0);
    manager.close();
    const [error] = await unhandled;
    for (const listener of runners) {
      process.on('unhandledRejection', listener);
    }
    expect(error).toBe(refusal);
  });

  test('a promise that fulfils is not an error', async () => {
    const { manager } = ready([() => Promise.resolve(1)]);
    manager.wait(0);
    await settle();
    expect(manager.wait(0)).toBe(1);
  });
});
