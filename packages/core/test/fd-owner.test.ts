import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { ON_ADD } from '../src/fd-object.js';
import { FdOwner } from '../src/fd-owner.js';
import type { Registration } from '../src/registration.js';
import { emError } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;
const callback = (): void => undefined;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

class TestFd extends FdOwner {
  readonly fd: number;
  readonly release = vi.fn<() => void>();

  constructor(fd: number) {
    super();
    this.fd = fd;
  }
}

function setUp() {
  const poller = new ListPoller();
  return { poller, manager: new EventManager({ poller }), fdObject: new TestFd(3) };
}

describe('close()', () => {
  test('ends the registrations in every manager and group, and then releases the fd', () => {
    const { poller, manager, fdObject } = setUp();
    const other = new EventManager({ poller: new ListPoller() });
    const tell = vi.spyOn(poller, 'delete');
    const registrations = [manager.add(fdObject, IN, callback), other.group().add(fdObject, IN, callback)];
    const stranger = manager.add(4, IN, callback);
    fdObject.release.mockImplementation(() => {
      expect(registrations.map(({ active }) => active)).toEqual([false, false]);
      expect(tell).toHaveBeenCalledExactlyOnceWith(3);
    });
    fdObject.close();
    expect(fdObject.release).toHaveBeenCalledOnce();
    expect([fdObject.closed, [...manager], other.size]).toEqual([true, [stranger], 0]);
  });

  test('does nothing the second time, even if another file has the number by then', () => {
    const { manager, fdObject } = setUp();
    manager.add(fdObject, IN, callback);
    {
      using closed = fdObject;
      closed.close();
    }
    const newcomer = manager.add(new TestFd(3), IN, callback);
    fdObject.close();
    expect([newcomer.active, fdObject.release.mock.calls.length]).toEqual([true, 1]);
  });

  test('ends a registration once, even if ON_ADD was called with it several times', () => {
    const { manager, fdObject } = setUp();
    const registration = manager.add(3, IN, callback);
    const end = vi.spyOn(registration, 'delete');
    for (let i = 0; i < 3; i++) {
      Reflect.get(fdObject, ON_ADD).call(fdObject, registration);
    }
    fdObject.close();
    expect(end).toHaveBeenCalledOnce();
  });

  test('does not affect a registration that was added by number', () => {
    const { manager, fdObject } = setUp();
    const registration = manager.add(fdObject.fd, IN, callback);
    fdObject.close();
    expect(registration.active).toBe(true);
  });

  test('also frees the number of a paused registration', () => {
    const { manager, fdObject } = setUp();
    manager.add(fdObject, IN, callback).pause();
    fdObject.close();
    expect(manager.add(3, IN, callback).active).toBe(true);
  });

  test('makes its events in the batch stale, in its own callback and in that of another', () => {
    const { poller, manager } = setUp();
    const fdObjects = [new TestFd(3), new TestFd(4)];
    const called = vi.fn(() => {
      for (const fdObject of fdObjects) {
        fdObject.close();
      }
    });
    for (const fdObject of fdObjects) {
      poller.ready(fdObject.fd, IN);
      manager.add(fdObject, IN, called);
    }
    expect([manager.wait(), manager.lastWait.stale]).toEqual([1, 1]);
    expect(fdObjects.map(({ release }) => release.mock.calls.length)).toEqual([1, 1]);
  });

  test('releases an owned fd once, whether the registration or the object ends first', () => {
    const { manager } = setUp();
    const fdObjects = [new TestFd(3), new TestFd(4), new TestFd(5)];
    const [first, second] = fdObjects.map((fdObject) => manager.add(fdObject, IN, callback, { own: true }));
    first?.delete();
    fdObjects[1]?.close();
    expect(second?.active).toBe(false);
    manager.close();
    expect(fdObjects.map(({ closed, release }) => [closed, release.mock.calls.length])).toEqual(
      Array(3).fill([true, 1]),
    );
  });

  test('rejects a pending once() and on()', async () => {
    const { manager } = setUp();
    const fdObjects = [new TestFd(3), new TestFd(4)] as const;
    const waiting = [manager.once(fdObjects[0], IN), manager.on(fdObjects[1], IN).next()];
    for (const fdObject of fdObjects) {
      fdObject.close();
    }
    for (const step of waiting) {
      await expect(step).rejects.toThrow(emError('ERR_EM_NOT_REGISTERED'));
    }
    expect(manager.size).toBe(0);
  });

  test('has nothing to end after the manager was closed', () => {
    const { poller, manager, fdObject } = setUp();
    manager.add(fdObject, IN, callback);
    manager.close();
    const tell = vi.spyOn(poller, 'delete');
    fdObject.close();
    expect([tell.mock.calls.length, fdObject.release.mock.calls.length]).toEqual([0, 1]);
  });

  test('runs every step, and throws the error of the step that failed', () => {
    const failing = new ListPoller();
    vi.spyOn(failing, 'delete').mockImplementation(() => {
      throw new Error('poller');
    });
    const { manager, fdObject } = setUp();
    new EventManager({ poller: failing }).add(fdObject, IN, callback);
    const last = manager.add(fdObject, IN, callback);
    expect(() => fdObject.close()).toThrow(/^poller$/);
    expect([last.active, fdObject.closed, fdObject.release.mock.calls.length]).toEqual([false, true, 1]);
    fdObject.close();
  });

  test('runs every step, and throws the errors of several steps together', () => {
    const { poller, manager, fdObject } = setUp();
    manager.add(fdObject, IN, callback);
    const failures = [new Error('poller'), new Error('EIO')] as const;
    const [ofPoller, ofRelease] = failures;
    vi.spyOn(poller, 'delete').mockImplementation(() => {
      throw ofPoller;
    });
    fdObject.release.mockImplementation(() => {
      throw ofRelease;
    });
    expect(() => fdObject.close()).toThrow(
      expect.objectContaining({
        code: 'ERR_EM_CLOSE_FAILED',
        errors: failures,
        message: expect.stringMatching(/fd 3: 2 step/),
      }),
    );
    expect(fdObject.closed).toBe(true);
  });
});

test.each([
  ['with one manager', 0],
  ['while other managers have it', 2],
])('an fd object that is added and deleted many times %s remembers no registration that has ended', (_, others) => {
  const { manager, fdObject } = setUp();
  const lasting = Array.from({ length: others }, () => addElsewhere(fdObject));
  const tell = vi.fn<() => boolean>();
  for (let i = 0; i < 100; i++) {
    const registration = manager.add(fdObject, IN, callback);
    registration.delete();
    vi.spyOn(registration, 'delete').mockImplementation(tell);
  }
  lasting.push(manager.add(fdObject, IN, callback), addElsewhere(fdObject), addElsewhere(fdObject));
  fdObject.close();
  expect(lasting.filter(({ active }) => active)).toEqual([]);
  expect(tell).not.toHaveBeenCalled();
});

function addElsewhere(fdObject: TestFd): Registration {
  return new EventManager({ poller: new ListPoller() }).add(fdObject, IN, callback);
}

test('the registry holds an fd object while it is registered, and an ended registration does not', async () => {
  const { manager } = setUp();
  const registered = addAndForget(manager, 3);
  const ended = addAndForget(manager, 4);
  const registration = manager.get(4);
  registration?.delete();
  // The target of a new weak reference is held until the end of the job.
  await setImmediate();
  collect();
  expect(registered.deref()?.fd).toBe(3);
  expect([registration?.active, ended.deref()]).toEqual([false, undefined]);
});

function addAndForget(manager: EventManager, fd: number): WeakRef<object & { fd: number }> {
  const fdObject = { fd };
  manager.add(fdObject, IN, callback);
  return new WeakRef(fdObject);
}
