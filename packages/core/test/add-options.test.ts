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

test('label is kept', () => {
  const { manager } = setUp();
  expect(manager.add(3, IN, callback, { label: 'door bell' }).label).toBe('door bell');
});

describe('signal', () => {
  test('its abort deletes the registration, and no other', () => {
    const { poller, manager, controller } = setUp();
    const tell = vi.spyOn(poller, 'delete');
    const registration = manager.add(3, IN, callback, { signal: controller.signal });
    const other = manager.add(4, IN, callback);
    controller.abort();
    expect([registration.active, other.active, manager.size]).toEqual([false, true, 1]);
    expect(tell).toHaveBeenCalledExactlyOnceWith(3);
  });

  test('an event in the batch is not delivered after its abort', () => {
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

  test('one that is aborted already makes add() throw its reason, and add nothing', () => {
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
  ])('is let go of when the registration %s', (_how, end) => {
    const { poller, manager, controller } = setUp();
    manager.add(3, IN, callback, { signal: controller.signal });
    expect(listeners(controller.signal)).toBe(1);
    end(manager, poller);
    expect(listeners(controller.signal)).toBe(0);
  });

  test('a late abort leaves the one that has the number now alone', () => {
    const { poller, manager, controller } = setUp();
    manager.add(3, IN, callback, { signal: controller.signal });
    poller.delete(3);
    const newcomer = manager.add(3, IN, callback);
    controller.abort();
    expect(newcomer.active).toBe(true);
  });
});

describe('own', () => {
  const source = () => ({ fd: 3, close: vi.fn() });

  test.each<[how: string, end: (manager: EventManager, controller: AbortController) => void]>([
    ['delete()', (manager) => void manager.delete(3)],
    ['an abort', (_manager, controller) => controller.abort()],
    ['the end of the manager', (manager) => manager.close()],
  ])('closes the source once, as its own method, on %s', (_how, end) => {
    const { manager, controller } = setUp();
    const owned = source();
    const registration = manager.add(owned, IN, callback, { own: true, signal: controller.signal });
    end(manager, controller);
    registration.delete();
    expect(owned.close.mock.contexts).toEqual([owned]);
  });

  test.each([undefined, false])('%o leaves the source open', (own) => {
    const { manager } = setUp();
    const borrowed = source();
    manager.add(borrowed, IN, callback, { own }).delete();
    manager.add(borrowed, IN, callback, { own });
    manager.close();
    expect(borrowed.close).not.toHaveBeenCalled();
  });

  test('the source is still open when the poller is told', () => {
    const { poller, manager } = setUp();
    const owned = source();
    const registration = manager.add(owned, IN, callback, { own: true });
    vi.spyOn(poller, 'delete').mockImplementation(() => expect(owned.close).not.toHaveBeenCalled());
    registration.delete();
    expect(owned.close).toHaveBeenCalledOnce();
  });

  test('a source that an add is refused for stays open, and its owner’s', () => {
    const { manager } = setUp();
    const owned = source();
    manager.add(3, IN, callback);
    expect(() => manager.add(owned, IN, callback, { own: true })).toThrow();
    manager.close();
    expect(owned.close).not.toHaveBeenCalled();
  });

  test('what close() throws comes out of delete(), after the registration has ended', () => {
    const { manager } = setUp();
    const failure = new Error('EIO');
    const close = (): never => {
      throw failure;
    };
    const registration = manager.add({ fd: 3, close }, IN, callback, { own: true });
    expect(() => registration.delete()).toThrow(failure);
    expect([registration.active, manager.has(3), registration.delete()]).toEqual([false, false, false]);
  });

  test('a source that ends its registrations when it is closed is closed once', () => {
    const { manager } = setUp();
    const close = vi.fn(() => void manager.delete(3));
    manager.add({ fd: 3, close }, IN, callback, { own: true }).delete();
    expect(close).toHaveBeenCalledOnce();
  });
});
