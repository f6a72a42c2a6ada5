import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { emError } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;
const callback = (): void => undefined;

function managerOf(...fds: number[]) {
  const poller = new ListPoller();
  const manager = new EventManager({ poller });
  const registrations = fds.map((fd) => manager.add(fd, IN, callback));
  return { poller, manager, registrations };
}

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

describe('close() (C20)', () => {
  test('ends every registration, paused ones included, and closes the poller', () => {
    const { poller, manager, registrations } = managerOf(3, 4);
    registrations[0]?.pause();
    const close = vi.spyOn(poller, 'close');
    manager.close();
    expect(registrations.map(({ active }) => active)).toEqual([false, false]);
    expect(manager.size).toBe(0);
    expect(close).toHaveBeenCalledOnce();
  });

  test('does nothing the second time', () => {
    const { poller, manager } = managerOf(3);
    const close = vi.spyOn(poller, 'close');
    manager.close();
    manager.close();
    manager[Symbol.dispose]();
    expect(close).toHaveBeenCalledOnce();
  });

  test('is called at the end of a using block', () => {
    const { poller, manager, registrations } = managerOf(3);
    const close = vi.spyOn(poller, 'close');
    manager[Symbol.dispose]();
    expect(close).toHaveBeenCalledOnce();
    expect(registrations[0]?.active).toBe(false);
  });

  test('closes owned fd objects after the poller, and leaves others open', () => {
    const poller = new ListPoller();
    const manager = new EventManager({ poller });
    const steps: string[] = [];
    vi.spyOn(poller, 'close').mockImplementation(() => void steps.push('poller'));
    manager.add({ fd: 3, close: () => void steps.push('owned') }, IN, callback, { own: true });
    manager.add({ fd: 4, close: () => void steps.push('borrowed') }, IN, callback, { own: false });
    manager.close();
    expect(steps).toEqual(['poller', 'owned']);
  });

  test('inside a callback makes the rest of the batch stale', () => {
    const poller = new ListPoller();
    const manager = new EventManager({ poller });
    const second = vi.fn();
    for (const [fd, served] of [() => manager.close(), second].entries()) {
      poller.ready(fd, IN);
      manager.add(fd, IN, served);
    }
    expect(manager.wait()).toBe(1);
    expect(second).not.toHaveBeenCalled();
    expect(manager.lastWait).toMatchObject({ ready: 2, dispatched: 1, stale: 1 });
  });

  test('runs every step, and throws the errors of all that failed together', () => {
    const { poller, manager } = managerOf(3);
    const failures = [new Error('poller'), new Error('fdObject')];
    vi.spyOn(poller, 'close').mockImplementationOnce(throwing(failures[0]));
    const last = vi.fn();
    manager.add({ fd: 4, close: throwing(failures[1]) }, IN, callback, { own: true });
    manager.add({ fd: 5, close: last }, IN, callback, { own: true });
    const expected = { name: 'AggregateError', code: 'ERR_EM_CLOSE_FAILED', errors: failures };
    expect(() => manager.close()).toThrow(expect.objectContaining(expected));
    expect(last).toHaveBeenCalledOnce();
    expect(() => manager.close()).not.toThrow();
  });

  test('can be called by an fd object that is being closed', () => {
    const { manager } = managerOf();
    manager.add({ fd: 3, close: () => manager.close() }, IN, callback, { own: true });
    expect(() => manager.close()).not.toThrow();
  });
});

describe('after close()', () => {
  const calls: [name: string, call: (manager: EventManager) => unknown][] = [
    ['add', (manager) => manager.add(5, IN, callback)],
    ['modify', (manager) => manager.modify(3, IN)],
    ['delete', (manager) => manager.delete(3)],
    ['get', (manager) => manager.get(3)],
    ['has', (manager) => manager.has(3)],
    ['wait', (manager) => manager.wait(0)],
    ['dispatch', (manager) => manager.dispatch(0)],
    ['wake', (manager) => manager.wake()],
    ['group', (manager) => manager.group()],
    ['[Symbol.iterator]', (manager) => [...manager]],
  ];

  test.each(calls)('%s() throws ERR_EM_CLOSED, and the message names the method', (name, call) => {
    const { manager } = managerOf(3);
    manager.close();
    expect(() => call(manager)).toThrow(emError('ERR_EM_CLOSED'));
    expect(() => call(manager)).toThrow(`Cannot call ${name}(): the event manager is closed`);
  });

  test('methods throw ERR_EM_CLOSED before they check an argument', () => {
    const { manager } = managerOf();
    manager.close();
    const fdObject = {
      get fd(): number {
        throw new Error('looked at');
      },
    };
    const calls = [
      () => manager.add(fdObject, IN, callback),
      () => manager.modify(-1, IN),
      () => manager.delete(-1),
      () => manager.get(-1),
      () => manager.has(-1),
      () => manager.wait(-1),
      () => manager.dispatch(-1),
    ];
    for (const call of calls) {
      expect(call).toThrow(emError('ERR_EM_CLOSED'));
    }
  });

  test('a registration can be read and deleted, and nothing else', () => {
    const { manager, registrations } = managerOf(3);
    manager.close();
    for (const registration of registrations) {
      expect(registration).toMatchObject({ fd: 3, events: IN, active: false });
      expect(registration.delete()).toBe(false);
      for (const call of ['pause', 'resume', 'rearm'] as const) {
        expect(() => registration[call]()).toThrow(emError('ERR_EM_CLOSED'));
      }
      for (const call of ['modify', 'enable', 'disable'] as const) {
        expect(() => registration[call](IN)).toThrow(emError('ERR_EM_CLOSED'));
      }
    }
  });

  test('no method of the poller is called, even by an iterator from before', () => {
    const { poller, manager } = managerOf(3);
    const results = manager.dispatch(0);
    const wait = vi.spyOn(poller, 'wait');
    manager.close();
    expect(() => results.next()).toThrow(emError('ERR_EM_CLOSED'));
    expect(wait).not.toHaveBeenCalled();
  });

  test('size, lastWait and stats can still be read', () => {
    const { manager } = managerOf(3);
    manager.wait(0);
    manager.close();
    expect([manager.size, manager.lastWait.cause, manager.stats.waits]).toEqual([0, 'timeout', 1]);
  });
});
