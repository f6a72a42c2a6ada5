import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { invalidType } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

// The contract suite tests the rest: C22.

const { IN, EDGE_TRIGGERED } = EventSet;

function setUp() {
  const poller = new ListPoller();
  poller.ready(3, IN);
  return { poller, manager: new EventManager({ poller }) };
}

test('dispatch() yields a promise that settles like that of the callback, when the fd is watched again', async () => {
  const { manager } = setUp();
  manager.add(3, IN, async () => 42, { serial: true });
  const [promise] = manager.dispatch<Promise<number>>(0);
  expect(await promise).toBe(42);
  expect(manager.wait(0)).toBe(1);
});

test('an edge that came while a callback was pending counts as a leftover', async () => {
  const { poller, manager } = setUp();
  const onLeftovers = vi.fn();
  Object.assign(poller, { onLeftovers });
  manager.add(3, (IN | EDGE_TRIGGERED) >>> 0, async () => undefined, { serial: true });
  manager.wait(0);
  manager.wait(0);
  expect(manager.lastWait).toMatchObject({ ready: 1, dispatched: 0, masked: 1 });
  poller.ready(3, EventSet.EMPTY);
  manager.wait(0);
  expect(manager.lastWait.cause).toBe('timeout');
  expect(onLeftovers).not.toHaveBeenCalled();
  await setImmediate();
  expect(onLeftovers).toHaveBeenCalledOnce();
  const polls = vi.spyOn(poller, 'wait');
  expect(manager.wait(0)).toBe(1);
  expect(manager.lastWait).toMatchObject({ cause: 'events', ready: 1 });
  expect(polls).not.toHaveBeenCalled();
  await setImmediate();
  expect(onLeftovers).toHaveBeenCalledOnce();
});

test('events that a pending callback holds back do not make the manager rebuild its poller', () => {
  const { poller, manager } = setUp();
  const rebuild = vi.fn();
  Object.assign(poller, { rebuild });
  manager.add(3, (IN | EDGE_TRIGGERED) >>> 0, () => new Promise(() => undefined), { serial: true });
  manager.wait(0);
  manager.wait(0);
  manager.wait(0);
  expect(rebuild).not.toHaveBeenCalled();
});

test.each([1, 'yes', null, {}])('add() refuses serial: %o', (serial) => {
  const { manager } = setUp();
  expect(() => Reflect.apply(manager.add, manager, [3, IN, vi.fn(), { serial }])).toThrow(invalidType);
  expect(manager.size).toBe(0);
});
