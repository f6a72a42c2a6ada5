import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { close, dup, EventFd, EventManager, EventSet } from '../../src/index.js';
import { openWithNumber, withNumber } from '../support/with-number.js';

const { IN, ONE_SHOT, EXCLUSIVE } = EventSet;

/** Makes a ready eventfd. Its number can be closed, while a duplicate keeps the file open. */
function withDuplicate(): { fd: number; duplicate: number; close(): void } {
  const eventFd = new EventFd(1);
  const { fd } = eventFd;
  return { fd, duplicate: dup(fd), close: () => eventFd.close() };
}

let orphan: ReturnType<typeof withDuplicate>;
let manager: EventManager;

beforeEach(() => {
  orphan = withDuplicate();
  manager = new EventManager();
});

afterEach(() => {
  manager.close();
  close(orphan.duplicate);
});

/** Leaves the kernel with an interest that cannot be deleted any more. */
function makeOrphan(): void {
  const registration = manager.add(orphan.fd, IN, vi.fn());
  orphan.close();
  registration.delete();
}

describe('an orphan', () => {
  test('reaches no callback, is counted as stale once, and is then removed by a rebuild', () => {
    makeOrphan();
    expect(manager.wait(0)).toBe(0);
    expect(manager.lastWait).toMatchObject({ cause: 'events', stale: 1 });
    manager.wait(0); // rebuilds the poller
    expect(manager.wait(0)).toBe(0);
    expect(manager.lastWait.cause).toBe('timeout');
    expect(manager.stats.stale).toBe(1);
  });

  test('does not reach the callback of another file that has its number now', () => {
    const first = vi.fn();
    const second = vi.fn();
    manager.add(orphan.fd, IN, first);
    orphan.close();
    using newcomer = withNumber(orphan.fd, () => new EventFd());
    const registration = manager.add(newcomer, IN, second);
    manager.wait(0);
    manager.wait(0);
    expect(second).not.toHaveBeenCalled();
    newcomer.write();
    manager.wait(0);
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledExactlyOnceWith(IN, registration);
    manager.wait(0);
    expect(manager.stats.stale).toBe(1);
  });

  test('does not prevent the number from being added again when it is the same file again', () => {
    makeOrphan();
    const fd = openWithNumber(orphan.fd, () => dup(orphan.duplicate));
    const callback = vi.fn();
    const registration = manager.add(fd, IN, callback);
    manager.wait(0);
    expect(callback).toHaveBeenCalledExactlyOnceWith(IN, registration);
    expect(manager.stats.stale).toBe(0);
    close(fd);
  });

  test('is removed without a change to other registrations: level, EXCLUSIVE, paused, fired ONE_SHOT', () => {
    const fds = Array.from({ length: 4 }, () => new EventFd(1));
    const calls = fds.map(() => vi.fn());
    const [level, exclusive, paused, oneShot] = fds.map((fd, i) =>
      manager.add(fd, [IN, IN | EXCLUSIVE, IN, IN | ONE_SHOT][i] ?? 0, calls[i] ?? vi.fn()),
    );
    paused?.pause();
    manager.wait(0);
    makeOrphan();
    manager.wait(0);
    manager.wait(0);
    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([3, 3, 0, 1]);
    expect(manager.stats.stale).toBe(1);
    paused?.resume();
    oneShot?.rearm();
    manager.wait(0);
    expect(calls.map(({ mock }) => mock.calls.length)).toEqual([4, 4, 1, 2]);
    level?.modify(EventSet.OUT);
    exclusive?.delete();
    oneShot?.delete();
    expect(manager.wait(0)).toBe(2);
    for (const fd of fds) {
      fd.close();
    }
  });

  test('does not make a rebuild watch another file that has the number of a registration', () => {
    const fd = new EventFd(0).detach();
    const callback = vi.fn();
    const registration = manager.add(fd, IN, callback);
    makeOrphan();
    close(fd);
    // Neither of them is added.
    const strangers = [orphan.fd, fd].map((number) => withNumber(number, () => new EventFd(1)));
    for (let i = 0; i < 3; i++) {
      manager.wait(0);
    }
    expect(callback).not.toHaveBeenCalled();
    expect(registration.delete()).toBe(true);
    for (const stranger of strangers) {
      stranger.close();
    }
  });
});
