import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { EventCallback } from '../src/options.js';
import { emError, outOfRange } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN, OUT, PRIORITY, HANG_UP, ERROR, EXCLUSIVE, ONE_SHOT, EDGE_TRIGGERED } = EventSet;

function registered(events: EventSet = IN) {
  const poller = new ListPoller();
  const manager = new EventManager({ poller });
  const callback = vi.fn<EventCallback>();
  const registration = manager.add(3, events, callback);
  return { poller, manager, callback, registration };
}

describe('the interest', () => {
  test('modify() replaces it, enable() adds events, disable() removes events', () => {
    const { registration } = registered();
    registration.modify(OUT | EDGE_TRIGGERED);
    expect(registration.events).toBe(OUT + EDGE_TRIGGERED);
    registration.enable(IN | OUT | PRIORITY);
    expect(registration.events).toBe(IN + OUT + PRIORITY + EDGE_TRIGGERED);
    registration.disable(OUT | HANG_UP);
    expect(registration.events).toBe(IN + PRIORITY + EDGE_TRIGGERED);
  });

  test('a change reaches the poller, and takes effect in the next wait', () => {
    const { poller, manager, callback, registration } = registered();
    const modify = vi.spyOn(poller, 'modify');
    poller.ready(3, OUT);
    expect(manager.wait(0)).toBe(0);
    registration.enable(OUT);
    expect(modify).toHaveBeenCalledExactlyOnceWith(3, IN | OUT, expect.any(Number));
    manager.wait(0);
    expect(callback).toHaveBeenCalledExactlyOnceWith(OUT, registration);
  });

  test('a value that is not a set of events is refused, and changes nothing', () => {
    const { poller, registration } = registered();
    const modify = vi.spyOn(poller, 'modify');
    for (const change of ['modify', 'enable', 'disable'] as const) {
      expect(() => registration[change](0x20)).toThrow(outOfRange);
    }
    expect(() => registration.enable(Number.NaN)).toThrow(outOfRange);
    expect(registration.events).toBe(IN);
    expect(modify).not.toHaveBeenCalled();
  });

  test('EXCLUSIVE cannot be set or kept by a change, which fails before the poller is called', () => {
    const plain = registered();
    const exclusive = registered(IN | EXCLUSIVE);
    const changes = [
      () => plain.registration.modify(IN | EXCLUSIVE),
      () => plain.registration.enable(EXCLUSIVE),
      () => exclusive.registration.modify(IN),
      () => exclusive.registration.disable(EXCLUSIVE),
      () => exclusive.registration.rearm(),
    ];
    const modifies = [plain, exclusive].map(({ poller }) => vi.spyOn(poller, 'modify'));
    for (const change of changes) {
      expect(change).toThrow(emError('ERR_EM_CONFLICTING_EVENTS'));
      expect(change).toThrow(/^Cannot (modify|rearm) fd 3: only add\(\) can set EXCLUSIVE/);
    }
    expect([plain.registration.events, exclusive.registration.events]).toEqual([IN, IN | EXCLUSIVE]);
    expect(modifies.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });
});

describe('a pause (C7)', () => {
  test('stops all events, ERROR and HANG_UP included; resume() delivers what is pending', () => {
    const { poller, manager, callback, registration } = registered();
    poller.ready(3, IN | ERROR | HANG_UP);
    registration.pause();
    expect([manager.wait(0), registration.paused, registration.active]).toEqual([0, true, true]);
    registration.resume();
    expect([manager.wait(0), registration.paused]).toEqual([1, false]);
    expect(callback).toHaveBeenCalledExactlyOnceWith(IN | ERROR | HANG_UP, registration);
  });

  test('has no further effect the second time, and neither has resume()', () => {
    const { poller, registration } = registered();
    const tell = vi.spyOn(poller, 'delete');
    const add = vi.spyOn(poller, 'add');
    registration.resume();
    registration.pause();
    registration.pause();
    registration.resume();
    registration.resume();
    expect([tell.mock.calls.length, add.mock.calls.length]).toEqual([1, 1]);
  });

  test('keeps a change of interest until resume()', () => {
    const { poller, manager, callback, registration } = registered();
    const modify = vi.spyOn(poller, 'modify');
    poller.ready(3, IN | OUT);
    registration.pause();
    registration.modify(OUT);
    expect([registration.events, manager.wait(0)]).toEqual([OUT, 0]);
    expect(modify).not.toHaveBeenCalled();
    registration.resume();
    manager.wait(0);
    expect(callback).toHaveBeenCalledExactlyOnceWith(OUT, registration);
  });

  test('can end by delete(), which does not call the poller again', () => {
    const { poller, manager, registration } = registered();
    registration.pause();
    const tell = vi.spyOn(poller, 'delete');
    expect([registration.delete(), registration.active, manager.size]).toEqual([true, false, 0]);
    expect(tell).not.toHaveBeenCalled();
  });
});

test('a ONE_SHOT that has fired is silent until rearm() (C7)', () => {
  const { poller, manager, callback, registration } = registered(IN | ONE_SHOT);
  poller.ready(3, IN);
  const { generation } = registration;
  expect([registration.fired, manager.wait(0), registration.fired, manager.wait(0)]).toEqual([false, 1, true, 0]);
  registration.rearm();
  expect(registration.generation).not.toBe(generation);
  expect([registration.fired, manager.wait(0), registration.fired, manager.wait(0)]).toEqual([false, 1, true, 0]);
  expect(callback).toHaveBeenCalledTimes(2);
  expect(registration.events).toBe(IN | ONE_SHOT);
});

test('a ONE_SHOT that has fired stays silent through a pause (C7)', () => {
  const { poller, manager, registration } = registered(IN | ONE_SHOT);
  poller.ready(3, IN);
  manager.wait();
  registration.pause();
  registration.resume();
  expect([manager.wait(0), registration.paused]).toEqual([0, false]);
  registration.rearm();
  expect(manager.wait()).toBe(1);
});

describe('an ended registration (C5)', () => {
  test('refuses every change, and says why', () => {
    const { registration } = registered();
    registration.delete();
    const changes = {
      modify: () => registration.modify(OUT),
      pause: () => registration.pause(),
      resume: () => registration.resume(),
      rearm: () => registration.rearm(),
    };
    for (const [action, change] of Object.entries(changes)) {
      expect(change).toThrow(emError('ERR_EM_NOT_REGISTERED'));
      expect(change).toThrow(`Cannot ${action} fd 3: this registration has ended`);
    }
    expect(() => registration.enable(OUT)).toThrow(emError('ERR_EM_NOT_REGISTERED'));
    expect(() => registration.disable(IN)).toThrow(emError('ERR_EM_NOT_REGISTERED'));
  });

  test('does not affect a later registration of its number', () => {
    const { manager, registration: former } = registered();
    former[Symbol.dispose]();
    const newcomer = manager.add(3, OUT, () => undefined);
    expect(former.delete()).toBe(false);
    former[Symbol.dispose]();
    expect(() => former.pause()).toThrow(emError('ERR_EM_NOT_REGISTERED'));
    expect(newcomer).toMatchObject({ active: true, paused: false, events: OUT });
    expect(manager.get(3)).toBe(newcomer);
  });
});

test('delete() returns whether it was active, and frees its number', () => {
  const { poller, manager, registration } = registered();
  poller.ready(3, IN);
  expect([registration.delete(), registration.delete()]).toEqual([true, false]);
  expect([registration.active, manager.has(3), manager.wait(0)]).toEqual([false, false, 0]);
  expect(manager.add(3, IN, () => undefined).active).toBe(true);
});
