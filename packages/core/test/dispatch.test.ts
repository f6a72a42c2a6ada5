import { describe, expect, test } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { emError, outOfRange } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;

/** A manager of `count` ready fds, from 1, whose callbacks record and return their number. */
function ready(count: number) {
  const poller = new ListPoller();
  const manager = new EventManager({ poller });
  const called: number[] = [];
  for (let fd = 1; fd <= count; fd++) {
    poller.ready(fd, IN);
    manager.add(fd, IN, () => {
      called.push(fd);
      return fd * 10;
    });
  }
  return { poller, manager, called };
}

describe('C15 dispatch()', () => {
  test('yields what the callbacks return, in order', () => {
    const { manager } = ready(3);
    expect([...manager.dispatch(0)]).toEqual([10, 20, 30]);
    expect(manager.lastWait).toMatchObject({ cause: 'events', ready: 3, dispatched: 3 });
  });

  test('calls no callback and no poller before the first step, then one callback per step', () => {
    const { manager, called } = ready(2);
    const results = manager.dispatch(0);
    expect(called).toEqual([]);
    expect(results.next()).toEqual({ value: 10, done: false });
    expect(called).toEqual([1]);
    expect(results.next()).toEqual({ value: 20, done: false });
    expect(results.next()).toEqual({ value: undefined, done: true });
    expect(results.next()).toEqual({ value: undefined, done: true });
    expect(called).toEqual([1, 2]);
  });

  test('leaves the rest to the next wait if the loop ends early', () => {
    const { manager, called } = ready(3);
    for (const result of manager.dispatch(0)) {
      expect(result).toBe(10);
      break;
    }
    expect(manager.lastWait.dispatched).toBe(1);
    expect(manager.wait(0)).toBe(2);
    expect(called).toEqual([1, 2, 3]);
  });

  test('throws the error of a callback from its step, and leaves the rest to the next wait', () => {
    const { poller, manager, called } = ready(1);
    const refusal = new Error('refused');
    poller.ready(0, IN);
    manager.add(0, IN, () => {
      throw refusal;
    });
    poller.ready(9, IN);
    manager.add(9, IN, () => called.push(9));
    const results = manager.dispatch(0);
    expect(results.next().value).toBe(10);
    expect(() => results.next()).toThrow(refusal);
    expect([...manager.dispatch(0)]).toEqual([2]);
    expect(called).toEqual([1, 9]);
  });

  test('shares the batch with waits between its steps, and delivers nothing twice', () => {
    const { manager, called } = ready(3);
    const results = manager.dispatch(0);
    results.next();
    expect(manager.wait(0)).toBe(2);
    expect(results.next().done).toBe(true);
    expect(called).toEqual([1, 2, 3]);
  });

  test('ends when the manager is closed between its steps', () => {
    const { manager, called } = ready(2);
    const results = manager.dispatch(0);
    results.next();
    manager.close();
    expect(results.next().done).toBe(true);
    expect(called).toEqual([1]);
  });

  test('checks its argument and the manager when it is called, not at the first step', () => {
    const { manager } = ready(0);
    expect(() => manager.dispatch(-1)).toThrow(outOfRange);
    manager.close();
    expect(() => manager.dispatch(0)).toThrow(emError('ERR_EM_CLOSED'));
  });
});
