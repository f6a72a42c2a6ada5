import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { emError, invalidType, outOfRange } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN, OUT, EDGE_TRIGGERED } = EventSet;
const callback = (): void => undefined;

function managerOn(poller = new ListPoller()) {
  return { poller, manager: new EventManager({ poller }) };
}

describe('the constructor', () => {
  test.each(['add', 'modify', 'delete', 'wait', 'wake', 'close'])('refuses a poller without %s()', (method) => {
    const poller = Object.assign(new ListPoller(), { [method]: undefined });
    expect(() => new EventManager({ poller })).toThrow(invalidType);
    expect(() => new EventManager({ poller })).toThrow(`"poller.${method}" must be a function`);
  });

  test.each([undefined, null, 5, 'epoll', () => 1])('refuses %o as its options, and as the poller', (value) => {
    expect(() => new EventManager(value as never)).toThrow(invalidType);
    expect(() => new EventManager({ poller: value as never })).toThrow(invalidType);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 134_217_728])('refuses a capacity of %d', (capacity) => {
    expect(() => new EventManager({ poller: new ListPoller(), capacity })).toThrow(outOfRange);
  });

  test.each(['1', 1n, null, {}])('refuses %o as the capacity', (capacity) => {
    expect(() => new EventManager({ poller: new ListPoller(), capacity: capacity as never })).toThrow(invalidType);
  });

  test.each([
    [undefined, 256],
    [1, 1],
    [1_000, 1_000],
  ])('passes a batch with the given capacity to the poller: %o makes %d', (capacity, entries) => {
    const poller = new ListPoller();
    const wait = vi.spyOn(poller, 'wait');
    new EventManager({ poller, capacity }).wait(0);
    expect(wait).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ capacity: entries }), 0);
  });
});

describe('add()', () => {
  test('accepts a number, including 0, or an object with an fd (C1)', () => {
    const { manager } = managerOn();
    expect(manager.add(0, IN, callback).fd).toBe(0);
    expect(manager.add({ fd: 2 ** 31 - 1 }, IN, callback).fd).toBe(2 ** 31 - 1);
    expect(manager.size).toBe(2);
  });

  test('returns an active registration with the given interest, unsigned', () => {
    const { poller, manager } = managerOn();
    const add = vi.spyOn(poller, 'add');
    const registration = manager.add(3, IN | (1 << 31), callback);
    const events = IN + EDGE_TRIGGERED;
    expect(registration).toMatchObject({ fd: 3, events, label: undefined, active: true, paused: false });
    expect(add).toHaveBeenCalledExactlyOnceWith(3, events, expect.any(Number), 3);
  });
});

describe('by number (C4)', () => {
  test('get(), has() and size show what is registered', () => {
    const { manager } = managerOn();
    const registration = manager.add(3, IN, callback);
    expect([manager.get(3), manager.get(4)]).toEqual([registration, undefined]);
    expect([manager.has(3), manager.has(4), manager.size]).toEqual([true, false, 1]);
  });

  test('modify() changes the interest, here and in the poller', () => {
    const { poller, manager } = managerOn();
    const modify = vi.spyOn(poller, 'modify');
    const registration = manager.add(3, IN, callback);
    manager.modify(3, OUT);
    expect(registration.events).toBe(OUT);
    expect(modify).toHaveBeenCalledExactlyOnceWith(3, OUT, expect.any(Number));
  });

  test('modify() refuses an fd that is not registered', () => {
    const { manager } = managerOn();
    expect(() => manager.modify(3, IN)).toThrow(emError('ERR_EM_NOT_REGISTERED'));
    expect(() => manager.modify(3, IN)).toThrow('Cannot modify fd 3: it is not registered');
  });

  test('delete() ends the registration, and returns whether there was one', () => {
    const { poller, manager } = managerOn();
    const tell = vi.spyOn(poller, 'delete');
    const registration = manager.add(3, IN, callback);
    expect([manager.delete(3), manager.delete(3), manager.delete(4)]).toEqual([true, false, false]);
    expect([registration.active, manager.has(3), manager.size]).toEqual([false, false, 0]);
    expect(tell).toHaveBeenCalledExactlyOnceWith(3);
  });

  test('iteration yields the registrations in order of fd, including paused ones', () => {
    const { manager } = managerOn();
    const [nine, three, five] = [9, 3, 5].map((fd) => manager.add(fd, IN, callback));
    nine?.pause();
    five?.delete();
    expect([...manager]).toEqual([three, nine]);
  });
});

describe('wait()', () => {
  test.each([Number.NaN, -1, -0.001, Number.NEGATIVE_INFINITY])('refuses %d, and does not poll', (timeoutMs) => {
    const { poller, manager } = managerOn();
    const wait = vi.spyOn(poller, 'wait');
    expect(() => manager.wait(timeoutMs)).toThrow(outOfRange);
    expect(wait).not.toHaveBeenCalled();
  });

  test.each([null, '1', 1n, {}, true])('refuses %o, which is not a number', (timeoutMs) => {
    const { manager } = managerOn();
    expect(() => manager.wait(timeoutMs as never)).toThrow(invalidType);
  });

  test.each([0, 0.25, 1_000, 2 ** 40])('passes %d to the poller unchanged', (timeoutMs) => {
    const { poller, manager } = managerOn();
    const wait = vi.spyOn(poller, 'wait');
    manager.wait(timeoutMs);
    expect(wait).toHaveBeenCalledExactlyOnceWith(expect.anything(), timeoutMs);
  });

  test('waits without end by default', () => {
    const { poller, manager } = managerOn();
    const wait = vi.spyOn(poller, 'wait');
    poller.wake();
    manager.wait();
    expect(wait).toHaveBeenCalledExactlyOnceWith(expect.anything(), Number.POSITIVE_INFINITY);
  });
});
