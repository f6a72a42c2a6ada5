import { expect, test, vi } from 'vitest';
import { EventSet } from '../src/event-set.js';
import { readyManager } from './ready-manager.js';

// Faults that users of the Rust crate event-manager reported.

const { IN } = EventSet;

test('of three ready fds that the first callback closes and adds again, exactly one is called (event-manager#41)', () => {
  const called: string[] = [];
  const renew = (): void => {
    called.push('former');
    for (const fd of [1, 2, 3]) {
      poller.delete(fd); // what close(2) does behind the manager's back
      manager.delete(fd);
      manager.add(fd, IN, () => void called.push('newcomer'));
    }
  };
  const { poller, manager } = readyManager([renew, renew, renew]);
  expect(manager.wait()).toBe(1);
  expect(called).toEqual(['former']);
  expect(manager.lastWait).toMatchObject({ ready: 3, stale: 2 });
  expect(manager.wait()).toBe(3);
  expect(called).toEqual(['former', 'newcomer', 'newcomer', 'newcomer']);
});

test('of two registrations that delete each other exactly one is called, and nothing is thrown (event-manager#40)', () => {
  const first = vi.fn(() => void manager.delete(2));
  const second = vi.fn(() => void manager.delete(1));
  const { manager } = readyManager([first, second]);
  expect(manager.wait()).toBe(1);
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 0]);
  expect([manager.has(1), manager.has(2)]).toEqual([true, false]);
});

test('a registration that deletes itself is called once', () => {
  const itself = vi.fn(() => void manager.delete(1));
  const { manager } = readyManager([itself]);
  expect([manager.wait(), manager.wait(0)]).toEqual([1, 0]);
  expect(itself).toHaveBeenCalledOnce();
});

test('a wait before the first add returns', () => {
  const { manager } = readyManager([]);
  expect(manager.wait(0)).toBe(0);
});

test('an interest can be changed', () => {
  const callback = vi.fn();
  const { manager } = readyManager([callback]);
  manager.modify(1, EventSet.OUT);
  expect(manager.wait(0)).toBe(0);
  manager.modify(1, IN);
  expect(manager.wait(0)).toBe(1);
  expect(callback).toHaveBeenCalledOnce();
});
