import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { Attachment } from '../src/poller.js';
import { emError, invalidType } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;

/** A poller whose host loop is the test, which calls `turn()`. */
class HostedPoller extends ListPoller {
  hasRef = false;
  turn: (() => void) | undefined;

  attach(onReady: () => void): Attachment {
    this.turn = onReady;
    this.hasRef = true;
    return {
      ref: () => {
        this.hasRef = true;
      },
      unref: () => {
        this.hasRef = false;
      },
      detach: () => {
        this.turn = undefined;
        this.hasRef = false;
      },
    };
  }
}

function hosted() {
  const poller = new HostedPoller();
  return { poller, manager: new EventManager({ poller }) };
}

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
