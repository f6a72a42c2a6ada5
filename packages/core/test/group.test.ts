import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { emError, invalidType } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;

function setUp() {
  const poller = new ListPoller();
  const manager = new EventManager({ poller });
  return { poller, manager, group: manager.group() };
}

describe('C19 a group', () => {
  test('close() ends all of its registrations, and no others', () => {
    const { manager, group } = setUp();
    const other = manager.add(1, IN, vi.fn());
    const members = [group.add(2, IN, vi.fn()), group.add(3, IN, vi.fn())];
    expect([...group]).toEqual(members);
    group.close();
    expect(members.map(({ active }) => active)).toEqual([false, false]);
    expect([...manager]).toEqual([other]);
    expect(group.size).toBe(0);
    group.close();
  });

  test('forgets a member that ends by itself', () => {
    const { manager, group } = setUp();
    const controller = new AbortController();
    group.add(1, IN, vi.fn());
    group.add(2, IN, vi.fn(), { signal: controller.signal });
    group.add(3, IN, vi.fn()).delete();
    controller.abort();
    manager.delete(1);
    expect(group.size).toBe(0);
  });

  test('can be closed inside a callback: its events in the batch are stale', () => {
    const { poller, manager, group } = setUp();
    const second = vi.fn();
    poller.ready(1, IN);
    poller.ready(2, IN);
    group.add(1, IN, () => group.close());
    group.add(2, IN, second);
    expect(manager.wait(0)).toBe(1);
    expect(second).not.toHaveBeenCalled();
    expect(manager.lastWait.stale).toBe(1);
  });

  test('adds nothing after it or its manager is closed', () => {
    const { manager, group } = setUp();
    const other = manager.group();
    group[Symbol.dispose]();
    expect(() => group.add(1, IN, vi.fn())).toThrow(emError('ERR_EM_CLOSED'));
    manager.close();
    expect(() => other.add(1, IN, vi.fn())).toThrow(emError('ERR_EM_CLOSED'));
    expect(() => manager.group()).toThrow(emError('ERR_EM_CLOSED'));
  });

  test('adds nothing if an argument closes it while add() checks it', () => {
    const { manager, group } = setUp();
    const fdObject = {
      get fd() {
        group.close();
        return 1;
      },
    };
    expect(() => group.add(fdObject, IN, vi.fn())).toThrow(emError('ERR_EM_CLOSED'));
    expect(manager.size).toBe(0);
  });

  test('checks its arguments, and has no member that was refused', () => {
    const { group } = setUp();
    expect(() => Reflect.apply(group.add, group, ['3', IN, vi.fn()])).toThrow(invalidType);
    group.add(3, IN, vi.fn());
    expect(() => group.add(3, IN, vi.fn())).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(group.size).toBe(1);
  });

  test('closes every fd object it owns, and throws the errors of all that fail together', () => {
    const { group } = setUp();
    const closed: number[] = [];
    for (const fd of [1, 2, 3]) {
      const close = (): void => {
        closed.push(fd);
        if (fd !== 2) {
          throw new Error(`cannot close ${fd}`);
        }
      };
      group.add({ fd, close }, IN, vi.fn(), { own: true });
    }
    expect(() => group.close()).toThrow(
      expect.objectContaining({
        code: 'ERR_EM_CLOSE_FAILED',
        errors: [
          expect.objectContaining({ message: 'cannot close 1' }),
          expect.objectContaining({ message: 'cannot close 3' }),
        ],
      }),
    );
    expect(closed).toEqual([1, 2, 3]);
    expect(group.size).toBe(0);
  });

  test('ends when its manager is closed', () => {
    const { manager, group } = setUp();
    const member = group.add(1, IN, vi.fn());
    manager.close();
    expect(member.active).toBe(false);
    expect(group.size).toBe(0);
  });
});
