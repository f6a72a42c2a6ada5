import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ON_ADD } from '../src/fd-object.js';
import { emError, invalidType, outOfRange } from './expected-errors.js';
import { HostedPoller } from './hosted-poller.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;

function hosted() {
  const poller = new HostedPoller();
  return { poller, manager: new EventManager({ poller }) };
}

/** Whether a promise is settled once all other promises are. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  await setImmediate();
  return settled;
}

describe("run({ until: 'empty' })", () => {
  test('ends at once, and does not attach, if nothing is registered', async () => {
    const { poller, manager } = hosted();
    const run = manager.run({ until: 'empty' });
    expect(poller.turn).toBeUndefined();
    await run;
    await manager.run({ until: 'empty' });
  });

  test('ends in the turn after the last registration has ended, and keeps the host loop running until then', async () => {
    const { poller, manager } = hosted();
    poller.ready(3, IN);
    const other = manager.add(4, IN, vi.fn());
    manager.add(3, IN, (_events, registration) => void registration.delete());
    const run = manager.run({ until: 'empty' });
    poller.turn?.();
    expect(manager.size).toBe(1);
    poller.turn?.();
    expect(await isSettled(run)).toBe(false);
    expect(poller.isWoken).toBe(false);
    other.delete();
    expect([poller.isWoken, poller.hasRef]).toEqual([true, true]);
    expect(await isSettled(run)).toBe(false);
    poller.turn?.();
    await run;
    expect(poller.turn).toBeUndefined();
  });

  test('goes on if the last registration is replaced in its callback, or after a promise that it settles', async () => {
    const { poller, manager } = hosted();
    poller.ready(3, IN);
    const task = (async () => {
      await manager.once(3, IN);
      await manager.once(3, IN);
      manager.add(3, IN, async (_events, registration) => {
        registration.delete();
        await Promise.resolve();
        manager.add(4, IN, vi.fn());
      });
    })();
    const run = manager.run({ until: 'empty' });
    for (let turn = 0; turn < 5; turn++) {
      poller.turn?.();
      expect(await isSettled(run)).toBe(false);
    }
    await task;
    expect([...manager].map(({ fd }) => fd)).toEqual([4]);
    manager.delete(4);
    poller.turn?.();
    await run;
  });

  test('does not keep the host loop running after unref()', () => {
    const { poller, manager } = hosted();
    const registration = manager.add(3, IN, vi.fn());
    void manager.unref().run({ until: 'empty' });
    expect(poller.hasRef).toBe(false);
    registration.delete();
    expect(poller.hasRef).toBe(false);
  });

  test('ends by stop() and by an error as any run, and reports an error that is pending', async () => {
    const { poller, manager } = hosted();
    manager.add(3, IN, vi.fn());
    const stopped = manager.run({ until: 'empty' });
    manager.stop();
    await stopped;
    const refusal = new Error('no');
    poller.ready(3, IN);
    manager.delete(3);
    manager.add(3, IN, (_events, registration) => {
      registration.delete();
      return Promise.reject(refusal);
    });
    manager.wait(0);
    await setImmediate();
    const failing = manager.run({ until: 'empty' });
    expect(poller.hasRef).toBe(true);
    poller.turn?.();
    await expect(failing).rejects.toBe(refusal);
  });

  test.each(['idle', '', 1, true, null])('refuses until: %o', async (until) => {
    const { manager } = hosted();
    await expect(Reflect.apply(manager.run, manager, [{ until }])).rejects.toThrow(outOfRange);
  });
});

describe('run()', () => {
  test('dispatches a batch in each turn of the host loop, and detaches at the end', async () => {
    const { poller, manager } = hosted();
    const callback = vi.fn();
    poller.ready(3, IN);
    manager.add(3, IN, callback);
    const run = manager.run();
    poller.turn?.();
    poller.turn?.();
    expect(callback).toHaveBeenCalledTimes(2);
    manager.stop();
    await run;
    expect(poller.turn).toBeUndefined();
  });

  test('rejects when the promise of a callback does, without another turn of the host loop', async () => {
    const { poller, manager } = hosted();
    const refusal = new Error('no');
    poller.ready(3, IN);
    manager.add(3, IN, () => Promise.reject(refusal));
    const run = manager.run();
    poller.turn?.();
    await expect(run).rejects.toBe(refusal);
    expect(poller.turn).toBeUndefined();
  });

  test('keeps the host loop running while there is a registration, unless unref() is called', () => {
    const { poller, manager } = hosted();
    void manager.run();
    expect(poller.hasRef).toBe(false);
    const registration = manager.add(3, IN, vi.fn());
    expect(poller.hasRef).toBe(true);
    expect(manager.unref().hasRef()).toBe(false);
    expect(poller.hasRef).toBe(false);
    expect(manager.ref().hasRef()).toBe(true);
    expect(poller.hasRef).toBe(true);
    registration.pause();
    expect(poller.hasRef).toBe(true);
    registration.delete();
    expect(poller.hasRef).toBe(false);
  });

  test('keeps the host loop running for registrations that have a reference', () => {
    const { poller, manager } = hosted();
    void manager.run();
    const first = manager.add(3, IN, vi.fn());
    const second = manager.add(4, IN, vi.fn()).unref();
    expect([first.hasRef(), second.hasRef(), poller.hasRef]).toEqual([true, false, true]);
    expect(first.unref().unref()).toBe(first);
    expect(poller.hasRef).toBe(false);
    expect(second.ref().hasRef()).toBe(true);
    expect(poller.hasRef).toBe(true);
    manager.unref();
    second.ref();
    expect(poller.hasRef).toBe(false);
    manager.ref();
    second.delete();
    expect(poller.hasRef).toBe(false);
    second.unref().ref();
    expect(poller.hasRef).toBe(false);
    first.ref();
    expect(poller.hasRef).toBe(true);
    first.delete();
    expect(poller.hasRef).toBe(false);
  });

  test('does not count a registration whose ON_ADD has called unref()', () => {
    const { poller, manager } = hosted();
    void manager.run();
    const registration = manager.add({ fd: 3, [ON_ADD]: (added) => void added.unref() }, IN, vi.fn());
    expect(poller.hasRef).toBe(false);
    registration.ref();
    expect(poller.hasRef).toBe(true);
  });

  test('until empty, waits for a registration without a reference, but does not keep the host loop running', async () => {
    const { poller, manager } = hosted();
    const registration = manager.add(3, IN, vi.fn()).unref();
    const run = manager.run({ until: 'empty' });
    expect(poller.hasRef).toBe(false);
    poller.turn?.();
    expect(await isSettled(run)).toBe(false);
    registration.delete();
    poller.turn?.();
    await run;
  });

  test('respects an earlier unref()', () => {
    const { poller, manager } = hosted();
    manager.add(3, IN, vi.fn());
    manager.unref();
    void manager.run();
    expect(poller.hasRef).toBe(false);
  });

  test('rejects if a callback throws, wakes the host for the rest, and can be stopped by its own callback', async () => {
    const { poller, manager } = hosted();
    const refusal = new Error('refused');
    const wake = vi.spyOn(poller, 'wake');
    poller.ready(1, IN);
    poller.ready(2, IN);
    manager.add(1, IN, () => {
      throw refusal;
    });
    const second = manager.add(2, IN, () => {
      second.delete();
      manager.stop();
    });
    const run = manager.run();
    expect(wake).not.toHaveBeenCalled();
    poller.turn?.();
    await expect(run).rejects.toBe(refusal);
    const again = manager.run();
    expect(wake).toHaveBeenCalledOnce();
    poller.turn?.();
    await again;
    expect(second.active).toBe(false);
  });

  test('wakes the host for an edge that came while a serial callback was pending', async () => {
    const { poller, manager } = hosted();
    let finish: (() => void) | undefined;
    const callback = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    manager.add(3, (IN | EventSet.EDGE_TRIGGERED) >>> 0, callback, { serial: true });
    void manager.run();
    poller.ready(3, IN);
    poller.turn?.();
    poller.turn?.();
    poller.ready(3, EventSet.EMPTY);
    expect(callback).toHaveBeenCalledOnce();
    expect(poller.isWoken).toBe(false);
    finish?.();
    await setImmediate();
    expect(poller.isWoken).toBe(true);
    poller.turn?.();
    expect(callback).toHaveBeenCalledTimes(2);
    poller.ready(3, IN);
    poller.turn?.();
    manager.stop();
    finish?.();
    await setImmediate();
    poller.isWoken = false;
    void manager.run();
    expect(poller.isWoken).toBe(true);
    manager.stop();
  });

  test('passes an error after stop() to the host', async () => {
    const { poller, manager } = hosted();
    const refusal = new Error('refused');
    poller.ready(1, IN);
    manager.add(1, IN, () => {
      manager.stop();
      throw refusal;
    });
    const run = manager.run();
    expect(poller.turn).toThrow(refusal);
    await run;
  });

  test('ends when its signal aborts, and removes its listener however it ends', async () => {
    const { manager } = hosted();
    const controller = new AbortController();
    const { signal } = controller;
    const stopped = manager.run({ signal });
    manager.stop();
    await stopped;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const aborted = manager.run({ signal });
    controller.abort();
    await aborted;
    await manager.run({ signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('refuses, and changes nothing, if it runs already, is closed, or cannot attach', async () => {
    const { signal } = new AbortController();
    const { manager } = hosted();
    const run = manager.run();
    await expect(manager.run({ signal })).rejects.toThrow(emError('ERR_EM_ALREADY_RUNNING'));
    await expect(Reflect.apply(manager.run, manager, [{ signal: 'now' }])).rejects.toThrow(invalidType);
    await expect(Reflect.apply(manager.run, manager, [null])).rejects.toThrow(invalidType);
    manager.close();
    await run;
    await expect(manager.run({ signal })).rejects.toThrow(emError('ERR_EM_CLOSED'));
    expect(() => manager.stop()).toThrow(emError('ERR_EM_CLOSED'));
    const homeless = new EventManager({ poller: new ListPoller() });
    await expect(homeless.run({ signal })).rejects.toThrow(emError('ERR_EM_CANNOT_ATTACH'));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
