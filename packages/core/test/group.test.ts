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
  test('ends all of its registrations with one call, and no others', () => {
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

  test('may be closed inside a callback: what the batch still has for it is stale', () => {
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

  test('adds nothing once it, or its manager, is closed', () => {
    const { manager, group } = setUp();
    const other = manager.group();
    group[Symbol.dispose]();
    expect(() => group.add(1, IN, vi.fn())).toThrow(emError('ERR_EM_CLOSED'));
    manager.close();
    expect(() => other.add(1, IN, vi.fn())).toThrow(emError('ERR_EM_CLOSED'));
    expect(() => manager.group()).toThrow(emError('ERR_EM_CLOSED'));
  });

  test('takes nothing from a source that closes it while it is looked at', () => {
    const { manager, group } = setUp();
    const source = {
      get fd() {
        group.close();
        return 1;
      },
    };
    expect(() => group.add(source, IN, vi.fn())).toThrow(emError('ERR_EM_CLOSED'));
    expect(manager.size).toBe(0);
  });

  test('checks what it adds, and counts no refusal', () => {
    const { group } = setUp();
    expect(() => Reflect.apply(group.add, group, ['3', IN, vi.fn()])).toThrow(invalidType);
    group.add(3, IN, vi.fn());
    expect(() => group.add(3, IN, vi.fn())).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(group.size).toBe(1);
  });

  test('closes every source it owns, and reports all that fail together', () => {
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

  test('ends with its manager', () => {
    const { manager, group } = setUp();
    const member = group.add(1, IN, vi.fn());
    manager.close();
    expect(member.active).toBe(false);
    expect(group.size).toBe(0);
  });
});
