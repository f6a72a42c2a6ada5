import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { FdOwner } from '../src/fd-owner.js';
import { emError } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;
const callback = (): void => undefined;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

class Source extends FdOwner {
  readonly fd: number;
  readonly release = vi.fn<() => void>();

  constructor(fd: number) {
    super();
    this.fd = fd;
  }
}

function setUp() {
  const poller = new ListPoller();
  return { poller, manager: new EventManager({ poller }), source: new Source(3) };
}

describe('close()', () => {
  test('ends its registrations in every manager and group, and then releases the fd', () => {
    const { poller, manager, source } = setUp();
    const other = new EventManager({ poller: new ListPoller() });
    const tell = vi.spyOn(poller, 'delete');
    const registrations = [manager.add(source, IN, callback), other.group().add(source, IN, callback)];
    const stranger = manager.add(4, IN, callback);
    source.release.mockImplementation(() => {
      expect(registrations.map(({ active }) => active)).toEqual([false, false]);
      expect(tell).toHaveBeenCalledExactlyOnceWith(3);
    });
    source.close();
    expect(source.release).toHaveBeenCalledOnce();
    expect([source.closed, [...manager], other.size]).toEqual([true, [stranger], 0]);
  });

  test('does nothing the second time, whoever has the number by then', () => {
    const { manager, source } = setUp();
    manager.add(source, IN, callback);
    {
      using closed = source;
      closed.close();
    }
    const newcomer = manager.add(new Source(3), IN, callback);
    source.close();
    expect([newcomer.active, source.release.mock.calls.length]).toEqual([true, 1]);
  });

  test('leaves alone what was added by its number', () => {
    const { manager, source } = setUp();
    const registration = manager.add(source.fd, IN, callback);
    source.close();
    expect(registration.active).toBe(true);
  });

  test('frees the number of a paused registration, too', () => {
    const { manager, source } = setUp();
    manager.add(source, IN, callback).pause();
    source.close();
    expect(manager.add(3, IN, callback).active).toBe(true);
  });

  test('in a callback, its own or a sibling’s, makes what is in the batch stale', () => {
    const { poller, manager } = setUp();
    const sources = [new Source(3), new Source(4)];
    const called = vi.fn(() => {
      for (const source of sources) {
        source.close();
      }
    });
    for (const source of sources) {
      poller.ready(source.fd, IN);
      manager.add(source, IN, called);
    }
    expect([manager.wait(), manager.lastWait.stale]).toEqual([1, 1]);
    expect(sources.map(({ release }) => release.mock.calls.length)).toEqual([1, 1]);
  });

  test('releases once what was given to own, whichever of the two ends first', () => {
    const { manager } = setUp();
    const sources = [new Source(3), new Source(4), new Source(5)];
    const [first, second] = sources.map((source) => manager.add(source, IN, callback, { own: true }));
    first?.delete();
    sources[1]?.close();
    expect(second?.active).toBe(false);
    manager.close();
    expect(sources.map(({ closed, release }) => [closed, release.mock.calls.length])).toEqual(Array(3).fill([true, 1]));
  });

  test('rejects who waits for it by once() or on()', async () => {
    const { manager } = setUp();
    const sources = [new Source(3), new Source(4)] as const;
    const waiting = [manager.once(sources[0], IN), manager.on(sources[1], IN).next()];
    for (const source of sources) {
      source.close();
    }
    for (const step of waiting) {
      await expect(step).rejects.toThrow(emError('ERR_EM_NOT_REGISTERED'));
    }
    expect(manager.size).toBe(0);
  });

  test('after the manager has been closed has nothing left to end', () => {
    const { poller, manager, source } = setUp();
    manager.add(source, IN, callback);
    manager.close();
    const tell = vi.spyOn(poller, 'delete');
    source.close();
    expect([tell.mock.calls.length, source.release.mock.calls.length]).toEqual([0, 1]);
  });

  test('tries all, and throws what failed: one failure as it is', () => {
    const failing = new ListPoller();
    vi.spyOn(failing, 'delete').mockImplementation(() => {
      throw new Error('poller');
    });
    const { manager, source } = setUp();
    new EventManager({ poller: failing }).add(source, IN, callback);
    const last = manager.add(source, IN, callback);
    expect(() => source.close()).toThrow(/^poller$/);
    expect([last.active, source.closed, source.release.mock.calls.length]).toEqual([false, true, 1]);
    source.close();
  });

  test('tries all, and throws what failed: several failures together', () => {
    const { poller, manager, source } = setUp();
    manager.add(source, IN, callback);
    const failures = [new Error('poller'), new Error('EIO')] as const;
    const [ofPoller, ofRelease] = failures;
    vi.spyOn(poller, 'delete').mockImplementation(() => {
      throw ofPoller;
    });
    source.release.mockImplementation(() => {
      throw ofRelease;
    });
    expect(() => source.close()).toThrow(
      expect.objectContaining({
        code: 'ERR_EM_CLOSE_FAILED',
        errors: failures,
        message: expect.stringMatching(/fd 3: 2 step/),
      }),
    );
    expect(source.closed).toBe(true);
  });
});

test('a source that is added and deleted again and again remembers no registration that has ended', () => {
  const { manager, source } = setUp();
  const tell = vi.fn<() => boolean>();
  for (let i = 0; i < 100; i++) {
    const registration = manager.add(source, IN, callback);
    registration.delete();
    vi.spyOn(registration, 'delete').mockImplementation(tell);
  }
  const live = manager.add(source, IN, callback);
  const others = [4, 5].map(() => new EventManager({ poller: new ListPoller() }).add(source, IN, callback));
  source.close();
  expect([live, ...others].map(({ active }) => active)).toEqual([false, false, false]);
  expect(tell).not.toHaveBeenCalled();
});

test('the registry holds a source as long as it is registered, and a handle that has ended does not', async () => {
  const { manager } = setUp();
  const registered = addAndForget(manager, 3);
  const ended = addAndForget(manager, 4);
  const registration = manager.get(4);
  registration?.delete();
  // What a weak reference was made for is held until the end of the job.
  await setImmediate();
  collect();
  expect(registered.deref()?.fd).toBe(3);
  expect([registration?.active, ended.deref()]).toEqual([false, undefined]);
});

function addAndForget(manager: EventManager, fd: number): WeakRef<object & { fd: number }> {
  const source = { fd };
  manager.add(source, IN, callback);
  return new WeakRef(source);
}
