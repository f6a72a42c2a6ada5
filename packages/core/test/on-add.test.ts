import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ON_ADD } from '../src/fd-object.js';
import type { Registration } from '../src/registration.js';
import { emError } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;
const callback = (): void => undefined;

let poller: ListPoller;
let manager: EventManager;
let told: Registration[];

beforeEach(() => {
  poller = new ListPoller();
  manager = new EventManager({ poller });
  told = [];
});

const fdObject = { fd: 3, [ON_ADD]: (registration: Registration): void => void told.push(registration) };

test('ON_ADD is the same key in all copies of the package', () => {
  expect(ON_ADD).toBe(Symbol.for('@em/core.onAdd'));
});

describe('an fd object with a method ON_ADD', () => {
  test.each<[way: string, add: () => unknown]>([
    ['add()', () => manager.add(fdObject, IN, callback)],
    ['add() of a group', () => manager.group().add(fdObject, IN, callback)],
    ['once()', () => void manager.once(fdObject, IN).catch(callback)],
    ['on(), at its first step', () => void manager.on(fdObject, IN).next().catch(callback)],
  ])('gets its registration from %s', (_way, add) => {
    add();
    expect(told).toEqual([manager.get(3)]);
    expect(told[0]).toMatchObject({ fd: 3, active: true });
    expect(told[0]?.delete()).toBe(true);
    expect(manager.size).toBe(0);
  });

  test('gets its registration before the poller, when it is not active yet', () => {
    const add = vi.spyOn(poller, 'add');
    const asked = vi.fn((registration: Registration) => {
      expect(add).not.toHaveBeenCalled();
      expect([registration.active, registration.delete()]).toEqual([false, false]);
      expect(() => registration.modify(IN)).toThrow(emError('ERR_EM_NOT_REGISTERED'));
    });
    expect(manager.add({ fd: 3, [ON_ADD]: asked }, IN, callback).active).toBe(true);
    expect(asked).toHaveBeenCalledOnce();
  });

  test('gets a registration that never becomes active, if the poller refuses it', () => {
    const first = manager.add(fdObject, IN, callback);
    expect(() => manager.add(fdObject, IN, callback)).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(told.map(({ active }) => active)).toEqual([true, false]);
    expect(told[1]?.delete()).toBe(false);
    expect([...manager]).toEqual([first]);
  });

  test('is called with the object as `this`', () => {
    const own = { fd: 3, [ON_ADD]: vi.fn() };
    manager.add(own, IN, callback);
    expect(own[ON_ADD].mock.contexts).toEqual([own]);
  });

  test('can throw: nothing is added then', async () => {
    const add = vi.spyOn(poller, 'add');
    const { signal } = new AbortController();
    const refusal = new Error('not me');
    const unwilling = {
      fd: 3,
      [ON_ADD]: () => {
        throw refusal;
      },
    };
    expect(() => manager.add(unwilling, IN, callback, { signal })).toThrow(refusal);
    await expect(manager.once(unwilling, IN, { signal })).rejects.toBe(refusal);
    expect([manager.size, add.mock.calls.length, getEventListeners(signal, 'abort').length]).toEqual([0, 0, 0]);
  });
});
