import { getEventListeners } from 'node:events';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import type { EntryRequest } from '../src/entry.js';
import { EventSet } from '../src/event-set.js';
import { Registry } from '../src/registry.js';
import { emError } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN, OUT, ONE_SHOT } = EventSet;

function request(fd: number, more: Partial<EntryRequest> = {}): EntryRequest {
  return { target: fd, fd, events: IN, callback: vi.fn(), ...more };
}

function registryOn(poller = new ListPoller(), lastGeneration?: number) {
  return { poller, registry: new Registry(poller, lastGeneration) };
}

const refusal = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
const refuse = (): never => {
  throw refusal;
};

describe('generations', () => {
  test('every registration has its own, which the poller gets too', () => {
    const { poller, registry } = registryOn();
    const add = vi.spyOn(poller, 'add');
    const first = registry.add(request(3)).generation;
    registry.get(3)?.delete();
    const second = registry.add(request(3)).generation;
    const third = registry.add(request(4)).generation;
    expect(new Set([first, second, third]).size).toBe(3);
    expect(add.mock.calls.map(([, , generation]) => generation)).toEqual([first, second, third]);
  });

  test('they wrap from 2³² − 1 to 1, and are never 0', () => {
    const { registry } = registryOn(new ListPoller(), 2 ** 32 - 3);
    const generations = [1, 2, 3, 4].map((fd) => registry.add(request(fd)).generation);
    expect(generations).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 1, 2]);
  });

  test('resume() gives a new one, modify() only to a ONE_SHOT', () => {
    const { registry } = registryOn();
    const entry = registry.add(request(3));
    const first = entry.generation;
    entry.modify(OUT);
    expect(entry.generation).toBe(first);
    entry.modify(OUT | ONE_SHOT);
    const armed = entry.generation;
    expect(armed).not.toBe(first);
    entry.rearm();
    const rearmed = entry.generation;
    expect(rearmed).not.toBe(armed);
    entry.pause();
    entry.resume();
    expect(entry.generation).not.toBe(rearmed);
  });
});

describe('add() on a number that is registered', () => {
  test('is refused with the cause if the poller has it, and does not affect the first (C2)', () => {
    const { poller, registry } = registryOn();
    const first = registry.add(request(3));
    const add = vi.spyOn(poller, 'add');
    expect(() => registry.add(request(3, { events: OUT }))).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(() => registry.add(request(3))).toThrow(
      expect.objectContaining({
        message: 'Cannot add fd 3: it is already registered',
        cause: expect.objectContaining({ code: 'EEXIST' }),
      }),
    );
    expect(add).toHaveBeenCalledTimes(2);
    expect(registry.get(3)).toBe(first);
    expect([first.active, first.events, registry.size]).toEqual([true, IN, 1]);
  });

  test('is refused in the same way if the error of the poller is of another realm, as under Jest', () => {
    const { poller, registry } = registryOn();
    registry.add(request(3));
    const cause = runInNewContext("Object.assign(new Error('watched'), { code: 'EEXIST' })");
    vi.spyOn(poller, 'add').mockImplementation(() => {
      throw cause;
    });
    expect(() => registry.add(request(3))).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(() => registry.add(request(3))).toThrow(expect.objectContaining({ cause }));
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a string', 'EEXIST'],
  ])('throws what the poller throws, even if that is %s', (_, thrown) => {
    const { poller, registry } = registryOn();
    vi.spyOn(poller, 'add').mockImplementation(() => {
      throw thrown;
    });
    let caught: unknown = 'nothing';
    try {
      registry.add(request(3));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(thrown);
  });

  test('succeeds if the poller has an orphan, which could not be deleted when its fd was closed (C6)', () => {
    const { poller, registry } = registryOn();
    poller.add(3, IN, 4_000);
    const add = vi.spyOn(poller, 'add');
    const { generation } = registry.add(request(3, { events: OUT }));
    expect(add).toHaveBeenLastCalledWith(3, OUT, generation, 3);
    vi.spyOn(poller, 'delete').mockImplementationOnce(() => undefined);
    registry.get(3)?.pause();
    registry.get(3)?.resume();
    expect(add).toHaveBeenLastCalledWith(3, OUT, registry.get(3)?.generation, 3);
    expect(registry.get(3)?.paused).toBe(false);
  });

  test('succeeds if the poller has dropped it: the former ends, its fd object is not closed (C6)', () => {
    const { poller, registry } = registryOn();
    const { signal } = new AbortController();
    const closeTarget = vi.fn();
    const former = registry.add(request(3, { signal, closeTarget }));
    poller.delete(3);
    const newcomer = registry.add(request(3));
    expect([former.active, newcomer.active, registry.size]).toEqual([false, true, 1]);
    expect(registry.get(3)).toBe(newcomer);
    expect(closeTarget).not.toHaveBeenCalled();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('makes the former registration inert (C5)', () => {
    const { poller, registry } = registryOn();
    const former = registry.add(request(3));
    poller.delete(3);
    const newcomer = registry.add(request(3));
    expect(former.delete()).toBe(false);
    expect(() => former.modify(OUT)).toThrow(emError('ERR_EM_NOT_REGISTERED'));
    expect([newcomer.active, newcomer.events, registry.get(3)]).toEqual([true, IN, newcomer]);
  });

  test('is refused for a paused registration, which the poller does not have', () => {
    const { registry } = registryOn();
    const first = registry.add(request(3));
    first.pause();
    expect(() => registry.add(request(3))).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect([first.active, first.paused, registry.get(3)]).toEqual([true, true, first]);
  });
});

describe('a call that the poller refuses (C3)', () => {
  test('add() leaves no trace, even on the signal', () => {
    const { poller, registry } = registryOn();
    const { signal } = new AbortController();
    const closeTarget = vi.fn();
    vi.spyOn(poller, 'add').mockImplementationOnce(refuse);
    expect(() => registry.add(request(3, { signal, closeTarget }))).toThrow(refusal);
    expect([registry.size, registry.get(3), [...registry]]).toEqual([0, undefined, []]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(closeTarget).not.toHaveBeenCalled();
  });

  test('add() on a number whose file is closed leaves the former registration unchanged', () => {
    const { poller, registry } = registryOn();
    const { signal } = new AbortController();
    const former = registry.add(request(3, { signal }));
    vi.spyOn(poller, 'add').mockImplementationOnce(refuse);
    expect(() => registry.add(request(3))).toThrow(refusal);
    expect([former.active, registry.get(3), registry.size]).toEqual([true, former, 1]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });

  test('modify() leaves interest and generation unchanged', () => {
    const { poller, registry } = registryOn();
    const entry = registry.add(request(3));
    const { generation, deliverable } = entry;
    vi.spyOn(poller, 'modify').mockImplementation(refuse);
    for (const change of [() => entry.modify(OUT | ONE_SHOT), () => entry.enable(OUT), () => entry.disable(IN)]) {
      expect(change).toThrow(refusal);
    }
    expect([entry.events, entry.generation, entry.deliverable]).toEqual([IN, generation, deliverable]);
    expect(entry.active).toBe(true);
  });

  test('resume() leaves it paused', () => {
    const { poller, registry } = registryOn();
    const entry = registry.add(request(3));
    entry.pause();
    vi.spyOn(poller, 'add').mockImplementationOnce(refuse);
    expect(() => entry.resume()).toThrow(refusal);
    expect([entry.paused, entry.active, entry.deliverable]).toEqual([true, true, 0]);
    entry.resume();
    expect(entry.paused).toBe(false);
  });

  test('pause() leaves it active', () => {
    const { poller, registry } = registryOn();
    const entry = registry.add(request(3));
    const { deliverable } = entry;
    vi.spyOn(poller, 'delete').mockImplementationOnce(refuse);
    expect(() => entry.pause()).toThrow(refusal);
    expect([entry.paused, entry.deliverable]).toEqual([false, deliverable]);
  });
});

describe('delete() or close() of which a step fails', () => {
  const failing = (name: string) => () => {
    throw new Error(name);
  };
  const brokenSignal = { aborted: false, addEventListener: vi.fn(), removeEventListener: failing('signal') };

  test('delete() still calls the poller, closes the fd object and frees the number', () => {
    const { poller, registry } = registryOn();
    const closeTarget = vi.fn();
    const entry = registry.add(request(3, { signal: brokenSignal, closeTarget }));
    const tell = vi.spyOn(poller, 'delete').mockImplementationOnce(refuse);
    expect(() => entry.delete()).toThrow();
    expect(tell).toHaveBeenCalledExactlyOnceWith(3);
    expect(closeTarget).toHaveBeenCalledOnce();
    expect([entry.active, registry.size, registry.get(3)]).toEqual([false, 0, undefined]);
  });

  test('the new registration of a number still works', () => {
    const { poller, registry } = registryOn();
    const former = registry.add(request(3, { signal: brokenSignal }));
    poller.delete(3);
    const newcomer = registry.add(request(3));
    expect([former.active, newcomer.active, registry.get(3)]).toEqual([false, true, newcomer]);
  });

  test('close() runs every step, and returns the errors of all that failed, once', () => {
    const { poller, registry } = registryOn();
    registry.add(request(3, { signal: brokenSignal, closeTarget: failing('fdObject 3') }));
    registry.add(request(4, { closeTarget: failing('fdObject 4') }));
    vi.spyOn(poller, 'close').mockImplementationOnce(failing('poller'));
    expect(registry.close().map(String)).toEqual([
      'Error: signal',
      'Error: poller',
      'Error: fdObject 3',
      'Error: fdObject 4',
    ]);
    expect(registry.size).toBe(0);
    expect(registry.close()).toEqual([]);
  });
});
