import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;
const callback = (): void => undefined;

function setUp() {
  const poller = new ListPoller();
  return { poller, manager: new EventManager({ poller }), controller: new AbortController() };
}

/** How many registrations listen to the signal. */
function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

test('a registration keeps its label', () => {
  const { manager } = setUp();
  expect(manager.add(3, IN, callback, { label: 'door bell' }).label).toBe('door bell');
});

describe('the option signal', () => {
  test('an abort deletes the registration, and no other', () => {
    const { poller, manager, controller } = setUp();
    const tell = vi.spyOn(poller, 'delete');
    const registration = manager.add(3, IN, callback, { signal: controller.signal });
    const other = manager.add(4, IN, callback);
    controller.abort();
    expect([registration.active, other.active, manager.size]).toEqual([false, true, 1]);
    expect(tell).toHaveBeenCalledExactlyOnceWith(3);
  });

  test('an event in the batch is not delivered after the abort', () => {
    const { poller, manager, controller } = setUp();
    const aborted = vi.fn();
    poller.ready(3, IN);
    poller.ready(4, IN);
    manager.add(3, IN, () => controller.abort());
    manager.add(4, IN, aborted, { signal: controller.signal });
    expect(manager.wait()).toBe(1);
    expect(aborted).not.toHaveBeenCalled();
    expect(manager.lastWait.stale).toBe(1);
  });

  test('add() with an aborted signal throws its reason, and adds nothing', () => {
    const { poller, manager } = setUp();
    const add = vi.spyOn(poller, 'add');
    const reason = new Error('changed my mind');
    expect(() => manager.add(3, IN, callback, { signal: AbortSignal.abort(reason) })).toThrow(reason);
    expect(add).not.toHaveBeenCalled();
    expect(manager.size).toBe(0);
  });

  test.each<[how: string, end: (manager: EventManager, poller: ListPoller) => void]>([
    ['is deleted', (manager) => void manager.delete(3)],
    ['ends with the manager', (manager) => manager.close()],
    [
      'is taken over',
      (manager, poller) => {
        poller.delete(3);
        manager.add(3, IN, callback);
      },
    ],
  ])('the signal has no listener after the registration %s', (_how, end) => {
    const { poller, manager, controller } = setUp();
    manager.add(3, IN, callback, { signal: controller.signal });
    expect(listeners(controller.signal)).toBe(1);
    end(manager, poller);
    expect(listeners(controller.signal)).toBe(0);
  });

  test('a late abort does not affect a later registration of the number', () => {
    const { poller, manager, controller } = setUp();
    manager.add(3, IN, callback, { signal: controller.signal });
    poller.delete(3);
    const newcomer = manager.add(3, IN, callback);
    controller.abort();
    expect(newcomer.active).toBe(true);
  });
});

describe('the option own', () => {
  const fdObject = () => ({ fd: 3, close: vi.fn() });

  test.each<[how: string, end: (manager: EventManager, controller: AbortController) => void]>([
    ['delete()', (manager) => void manager.delete(3)],
    ['an abort', (_manager, controller) => controller.abort()],
    ['the end of the manager', (manager) => manager.close()],
  ])('an owned fd object is closed once, by its own method, on %s', (_how, end) => {
    const { manager, controller } = setUp();
    const owned = fdObject();
    const registration = manager.add(owned, IN, callback, { own: true, signal: controller.signal });
    end(manager, controller);
    registration.delete();
    expect(owned.close.mock.contexts).toEqual([owned]);
  });

  test.each([undefined, false])('%o leaves the fd object open', (own) => {
    const { manager } = setUp();
    const borrowed = fdObject();
    manager.add(borrowed, IN, callback, { own }).delete();
    manager.add(borrowed, IN, callback, { own });
    manager.close();
    expect(borrowed.close).not.toHaveBeenCalled();
  });

  test('an owned fd object is still open when delete() of the poller is called', () => {
    const { poller, manager } = setUp();
    const owned = fdObject();
    const registration = manager.add(owned, IN, callback, { own: true });
    vi.spyOn(poller, 'delete').mockImplementation(() => expect(owned.close).not.toHaveBeenCalled());
    registration.delete();
    expect(owned.close).toHaveBeenCalledOnce();
  });

  test('an fd object stays open if add() refuses it', () => {
    const { manager } = setUp();
    const owned = fdObject();
    manager.add(3, IN, callback);
    expect(() => manager.add(owned, IN, callback, { own: true })).toThrow();
    manager.close();
    expect(owned.close).not.toHaveBeenCalled();
  });

  test('delete() throws what close() throws, after the registration has ended', () => {
    const { manager } = setUp();
    const failure = new Error('EIO');
    const close = (): never => {
      throw failure;
    };
    const registration = manager.add({ fd: 3, close }, IN, callback, { own: true });
    expect(() => registration.delete()).toThrow(failure);
    expect([registration.active, manager.has(3), registration.delete()]).toEqual([false, false, false]);
  });

  test('an owned fd object that ends its own registrations is closed once', () => {
    const { manager } = setUp();
    const close = vi.fn(() => void manager.delete(3));
    manager.add({ fd: 3, close }, IN, callback, { own: true }).delete();
    expect(close).toHaveBeenCalledOnce();
  });
});
