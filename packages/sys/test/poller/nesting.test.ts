import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EventManager as CoreEventManager } from '@em/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { close, dup, EpollPoller, EventFd, EventManager, EventSet, type Registration, Waker } from '../../src/index.js';
import { onEachHostLoop } from '../support/host-loops.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { openWithNumber } from '../support/with-number.js';

const { EDGE_TRIGGERED, EXCLUSIVE, IN, ONE_SHOT } = EventSet;
const IN_EDGE_TRIGGERED = EventSet.union(IN, EDGE_TRIGGERED);

expectNoFilesLeftOpen();

const closables: { close(): void }[] = [];
let outer: EventManager;
let inner: EventManager;

/** Closes it after the test. */
function keep<C extends { close(): void }>(closable: C): C {
  closables.push(closable);
  return closable;
}

beforeEach(() => {
  outer = keep(new EventManager());
  inner = keep(new EventManager());
});

afterEach(() => {
  for (const closable of closables.splice(0)) {
    closable.close();
  }
});

function nest(outer: EventManager, inner: EventManager, events: EventSet = IN): Registration {
  return outer.add(inner, events, () => inner.wait(0));
}

/** Adds an eventfd whose callback reads it. */
function counter(manager: EventManager, callback: () => void = () => undefined): EventFd {
  const eventFd = keep(new EventFd());
  manager.add(eventFd, IN, () => {
    eventFd.read();
    callback();
  });
  return eventFd;
}

/** Makes `manager` watch a file whose number is closed and whose registration has ended. */
function makeOrphan(manager: EventManager): void {
  const fd = new EventFd(1).detach();
  const duplicate = dup(fd);
  const registration = manager.add(fd, IN, () => undefined);
  close(fd);
  registration.delete();
  keep({ close: () => close(duplicate) });
}

/** Waits until nothing is ready any more. */
function drain(manager: EventManager): void {
  for (let waits = 0; manager.wait(0) > 0; waits++) {
    expect(waits).toBeLessThan(10);
  }
}

describe('depth', () => {
  test('the innermost of three managers is driven by the outermost', () => {
    const middle = keep(new EventManager());
    nest(outer, middle);
    nest(middle, inner);
    const callback = vi.fn();
    const eventFd = counter(inner, callback);
    for (let calls = 1; calls <= 3; calls++) {
      eventFd.write();
      drain(outer);
      expect(callback).toHaveBeenCalledTimes(calls);
    }
  });

  test('a fourth manager is refused with ELOOP, and the others go on', () => {
    const [second, third] = [keep(new EventManager()), keep(new EventManager())];
    nest(third, second);
    nest(second, inner);
    expect(raises(() => nest(outer, third)).code).toBe('ELOOP');
    expect(outer.size).toBe(0);
    const callback = vi.fn();
    counter(inner, callback).write();
    drain(third);
    expect(callback).toHaveBeenCalledOnce();
  });

  test('a circle is refused with ELOOP, and the others go on', () => {
    nest(outer, inner);
    expect(raises(() => nest(inner, outer)).code).toBe('ELOOP');
    const callback = vi.fn();
    counter(inner, callback).write();
    drain(outer);
    expect(callback).toHaveBeenCalledOnce();
  });

  onEachHostLoop('run()', () => {
    test('is rejected with ELOOP if the managers are nested too deep for the host loop', async () => {
      const middle = keep(new EventManager());
      nest(outer, middle);
      nest(middle, inner);
      await expect(outer.run()).rejects.toMatchObject({ code: 'ELOOP' });
      const callback = vi.fn();
      counter(inner, callback).write();
      drain(outer);
      expect(callback).toHaveBeenCalledOnce();
      inner.close();
      counter(outer, () => outer.stop()).write();
      await outer.run();
    });

    test('goes on if a manager in it is nested too deep afterwards', async () => {
      const middle = keep(new EventManager());
      nest(middle, inner);
      const run = outer.run();
      // Now, before the next turn of the host loop: libuv aborted the process in that turn.
      try {
        nest(outer, middle);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ELOOP' });
      }
      counter(outer, () => outer.stop()).write();
      await run;
    });
  });
});

describe('readiness', () => {
  test('the outer manager reports a wake by a Waker, once', () => {
    nest(outer, inner);
    const waker = keep(new Waker(inner.waker()));
    waker.wake();
    expect(outer.wait(0)).toBe(1);
    expect(inner.lastWait.cause).toBe('wake');
    expect(outer.wait(0)).toBe(0);
  });

  for (const end of ['throws', 'ends a dispatch']) {
    test(`the inner manager stays ready if it ${end} before the end of a batch`, () => {
      const callback = vi.fn(() => {
        if (end === 'throws' && callback.mock.calls.length === 1) {
          throw new Error('refused');
        }
      });
      for (let fds = 0; fds < 3; fds++) {
        inner.add(keep(new EventFd(1)), IN_EDGE_TRIGGERED, callback);
      }
      outer.add(inner, IN, () => {
        if (end === 'throws') {
          inner.wait(0);
        } else {
          for (const _ of inner.dispatch(0)) {
            break;
          }
        }
      });
      if (end === 'throws') {
        expect(raises(() => outer.wait(0)).message).toBe('refused');
      }
      drain(outer);
      expect(callback).toHaveBeenCalledTimes(3);
    });
  }

  test('the inner manager is ready if the promise of a callback has been rejected', async () => {
    nest(outer, inner);
    for (let fds = 0; fds < 2; fds++) {
      inner.add(keep(new EventFd(1)), IN_EDGE_TRIGGERED, () => Promise.reject(new Error('refused')));
    }
    expect(outer.wait(0)).toBe(1);
    await setImmediate();
    expect(raises(() => outer.wait(0)).message).toBe('refused');
    expect(raises(() => outer.wait(0)).message).toBe('refused');
    drain(outer);
  });

  test.each([
    ['edge-triggered', IN_EDGE_TRIGGERED],
    ['ONE_SHOT', IN | ONE_SHOT],
  ])('an outer registration that is %s reports again after a rebuild of the inner manager', (_, events) => {
    const registration = nest(outer, inner, events);
    makeOrphan(inner);
    const callback = vi.fn();
    const eventFd = counter(inner, callback);
    for (let waits = 0; waits < 5; waits++) {
      eventFd.write();
      outer.wait(0);
      if (registration.fired) {
        registration.rearm();
      }
    }
    expect(callback).toHaveBeenCalledTimes(5);
    expect(inner.stats.stale).toBe(1);
  });

  test('EXCLUSIVE is refused with EINVAL', () => {
    expect(raises(() => nest(outer, inner, EventSet.union(IN, EXCLUSIVE))).code).toBe('EINVAL');
    expect(outer.size).toBe(0);
  });

  test('a paused outer registration reports nothing until resume(), even after a rebuild', () => {
    const registration = nest(outer, inner);
    const callback = vi.fn();
    const eventFd = counter(inner, callback);
    registration.pause();
    makeOrphan(inner);
    eventFd.write();
    expect(outer.wait(0)).toBe(0);
    // Rebuilds the inner manager.
    inner.wait(0);
    inner.wait(0);
    eventFd.write();
    expect(outer.wait(0)).toBe(0);
    registration.resume();
    drain(outer);
    expect(callback).toHaveBeenCalledTimes(2);
  });

  test('two managers watch the same one, and either of them drives it', () => {
    const another = keep(new EventManager());
    nest(outer, inner);
    nest(another, inner);
    const callback = vi.fn();
    const eventFd = counter(inner, callback);
    for (const driver of [outer, another, outer]) {
      eventFd.write();
      expect(driver.wait(0)).toBe(1);
      expect(outer.wait(0) + another.wait(0)).toBe(0);
    }
    inner.close();
    expect([outer.size, another.size]).toEqual([0, 0]);
  });

  test('once() and on() wait for a manager', async () => {
    const eventFd = counter(inner);
    eventFd.write();
    const once = outer.once(inner, IN);
    outer.wait(0);
    expect(await once).toBe(IN);
    const events = outer.on(inner, IN);
    const first = events.next();
    outer.wait(0);
    expect((await first).value).toBe(IN);
    const second = events.next();
    inner.close();
    await expect(second).rejects.toMatchObject({ code: 'ERR_EM_NOT_REGISTERED' });
  });
});

describe('closing', () => {
  const actions: Record<string, () => void> = {
    'the inner manager': () => inner.close(),
    'the outer manager': () => outer.close(),
    'the inner manager, then the outer one': () => {
      inner.close();
      outer.close();
    },
    'the outer manager, then the inner one': () => {
      outer.close();
      inner.close();
    },
  };
  const places = ['a callback of the inner manager', 'the callback of its registration', 'another callback'] as const;

  for (const [what, action] of Object.entries(actions)) {
    for (const place of places) {
      for (const own of [false, true]) {
        test(`${what} in ${place}${own ? ', which the outer one owns' : ''}, leaves nothing behind`, () => {
          const isInner = place === 'a callback of the inner manager';
          for (let fds = 0; fds < 2; fds++) {
            counter(inner, isInner ? action : undefined).write();
          }
          const wait = (): void => {
            if (!inner.closed) {
              inner.wait(0);
            }
          };
          const callback = place === 'the callback of its registration' ? action : wait;
          const registration = outer.add(inner, IN, callback, own ? { own } : {});
          if (place === 'another callback') {
            counter(outer, action).write();
          }
          outer.wait(0);
          expect(registration.active).toBe(false);
          expect(inner.closed).toBe(own || what !== 'the outer manager');
          if (!outer.closed) {
            expect(outer.audit()).toEqual([]);
            expect(outer.size).toBe(place === 'another callback' ? 1 : 0);
          }
        });
      }
    }
  }

  test('the registration of an owned manager closes the manager', () => {
    const registration = outer.add(inner, IN, () => inner.wait(0), { own: true });
    registration.delete();
    expect(inner.closed).toBe(true);
    expect(outer.size).toBe(0);
  });

  test('a callback that closes the inner manager and throws reports its own error', () => {
    nest(outer, inner);
    for (let fds = 0; fds < 2; fds++) {
      counter(inner, () => {
        inner.close();
        throw new Error('refused');
      }).write();
    }
    expect(raises(() => outer.wait(0)).message).toBe('refused');
    expect(outer.size).toBe(0);
  });

  test('a closed manager cannot be added', () => {
    inner.close();
    expect(raises(() => nest(outer, inner)).code).toBe('ERR_EM_CLOSED');
    expect(outer.size).toBe(0);
  });

  test('the number of a closed manager can be added again for another fd', () => {
    const { fd } = inner;
    nest(outer, inner);
    inner.close();
    const callback = vi.fn();
    const eventFds = Array.from({ length: 4 }, () => counter(outer, callback));
    expect(eventFds.map((eventFd) => eventFd.fd)).toContain(fd);
    for (const eventFd of eventFds) {
      eventFd.write();
    }
    expect(outer.wait(0)).toBe(4);
    expect(outer.audit()).toEqual([]);
  });

  test('a poller that was added without its manager ends its registrations when it is closed', () => {
    const poller = new EpollPoller();
    const core = keep(new CoreEventManager({ poller }));
    const registration = outer.add(poller.nest(), IN, () => core.wait(0));
    core.close();
    expect(registration.active).toBe(false);
    expect(outer.audit()).toEqual([]);
  });
});

test('a callback of the inner manager can drive the outer one, and each event is delivered once', () => {
  nest(outer, inner);
  const callback = vi.fn(() => outer.wait(0));
  const eventFds = Array.from({ length: 3 }, () => counter(inner, callback));
  for (const eventFd of eventFds) {
    eventFd.write();
  }
  drain(outer);
  expect(callback).toHaveBeenCalledTimes(3);
});

describe('running', () => {
  onEachHostLoop('run()', () => {
    test('of the inner manager is rejected, and the outer one delivers the rest of the batch', async () => {
      nest(outer, inner);
      const callback = vi.fn(() => {
        if (callback.mock.calls.length === 1) {
          throw new Error('refused');
        }
      });
      for (let fds = 0; fds < 3; fds++) {
        inner.add(keep(new EventFd(1)), IN_EDGE_TRIGGERED, callback);
      }
      await expect(inner.run()).rejects.toThrow('refused');
      drain(outer);
      expect(callback).toHaveBeenCalledTimes(3);
    });

    test('goes on if the inner, the outer, or both managers are rebuilt meanwhile', async () => {
      nest(outer, inner);
      let calls = 0;
      const [innerFd, outerFd] = [counter(inner, () => calls++), counter(outer, () => calls++)];
      const run = outer.run();
      for (const managers of [[inner], [outer], [inner, outer], [outer, inner], [inner, inner]]) {
        managers.forEach(makeOrphan);
        const before = calls;
        innerFd.write();
        outerFd.write();
        await vi.waitFor(() => expect(calls).toBe(before + 2));
        // The audit is empty once the orphans were reported and the managers rebuilt.
        await vi.waitFor(() => expect(managers.every((manager) => manager.audit().length === 0)).toBe(true));
      }
      outer.stop();
      await run;
    });

    test('inner and outer manager run at the same time, and each event is delivered once', async () => {
      nest(outer, inner);
      let calls = 0;
      const eventFd = counter(inner, () => calls++);
      const runs = [inner.run(), outer.run()];
      for (let round = 1; round <= 50; round++) {
        if (round % 10 === 0) {
          makeOrphan(round % 20 === 0 ? inner : outer);
        }
        eventFd.write();
        await vi.waitFor(() => expect(calls).toBe(round), { interval: 1 });
      }
      inner.close();
      await runs[0];
      counter(outer, () => outer.stop()).write();
      await runs[1];
    });

    for (const order of ['inner first', 'outer first']) {
      test(`the managers are closed while both run, ${order}`, async () => {
        nest(outer, inner);
        const runs = [inner.run(), outer.run()];
        counter(inner, () => {
          for (const manager of order === 'inner first' ? [inner, outer] : [outer, inner]) {
            manager.close();
          }
        }).write();
        await Promise.all(runs);
      });
    }
  });

  test('the outer manager is rebuilt if a duplicate keeps a closed inner manager open', () => {
    const callback = vi.fn();
    const duplicate = dup(inner.fd);
    const registration = nest(outer, inner);
    counter(inner).write();
    inner.close();
    expect(registration.active).toBe(false);
    const eventFd = counter(outer, callback);
    eventFd.write();
    drain(outer);
    expect(callback).toHaveBeenCalledOnce();
    expect(outer.audit()).toEqual([]);
    close(duplicate);
  });
});

describe('files whose poll consumes events', () => {
  test('are delivered by the outer manager, beside other fds', () => {
    const fd = openSync('/proc/self/mounts', 'r');
    keep({ close: () => closeSync(fd) });
    const [file, ordinary] = [vi.fn(), vi.fn()];
    inner.add(fd, IN, file);
    nest(outer, inner);
    counter(inner, ordinary).write();
    while (file.mock.calls.length < 3) {
      outer.wait();
    }
    expect(ordinary).toHaveBeenCalledOnce();
    expect(inner.audit()).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['run()', () => inner.run()],
    ['fd', async () => inner.fd],
  ])('do not make %s fail if a closed number of the manager is a regular file now', async (_, share) => {
    const former = new EventFd().detach();
    inner.add(former, IN, () => undefined);
    close(former);
    const fd = openWithNumber(former, () => openSync('/etc/hostname', 'r'));
    const shared = share();
    inner.stop();
    await shared;
    expect(inner.audit()).toMatchObject([{ kind: 'reused', fd }]);
    closeSync(fd);
  });

  test('can be added again after a rebuild that left out their fired ONE_SHOT', () => {
    const fd = openSync('/proc/self/mounts', 'r');
    keep({ close: () => closeSync(fd) });
    const callback = vi.fn();
    const registration = inner.add(fd, IN, callback);
    registration.modify(IN | ONE_SHOT);
    inner.wait();
    makeOrphan(inner);
    // Reports the orphan, and rebuilds the poller.
    inner.wait(0);
    inner.wait(0);
    nest(outer, inner);
    expect(outer.wait(0)).toBe(0);
    registration.rearm();
    outer.wait();
    expect(callback).toHaveBeenCalledTimes(2);
    registration.delete();
    expect(inner.audit()).toEqual([]);
  });

  test('an option that closes the manager while it is asked for its fd leaves nothing open', () => {
    let isAsked = false;
    const manager = keep(
      new EventManager({
        consumesEvents: () => {
          if (isAsked) {
            manager.close();
          }
          return isAsked;
        },
      }),
    );
    counter(manager);
    isAsked = true;
    expect(raises(() => manager.fd).code).toMatch(/EBADF|ERR_EM_CLOSED/);
    expect(manager.closed).toBe(true);
  });

  test('an option that adds to the manager while it is asked for its fd is called a finite number of times', () => {
    let isAsked = false;
    const manager = keep(
      new EventManager({
        consumesEvents: () => {
          if (isAsked) {
            counter(manager);
          }
          return false;
        },
      }),
    );
    counter(manager).write();
    // Sockets and eventfds are not asked about when they are added.
    isAsked = true;
    nest(outer, manager);
    expect(outer.wait(0)).toBe(1);
    expect(manager.size).toBe(2);
  });

  test('an option that throws is reported by fd, and fd is there at the next read', () => {
    let refusal: Error | undefined;
    const manager = keep(
      new EventManager({
        consumesEvents: () => {
          if (refusal !== undefined) {
            throw refusal;
          }
          return false;
        },
      }),
    );
    counter(manager).write();
    refusal = new Error('refused');
    expect(raises(() => nest(outer, manager)).message).toBe('refused');
    refusal = undefined;
    nest(outer, manager);
    expect(outer.wait(0)).toBe(1);
  });
});

describe('too many open files', () => {
  const LIMIT = 256;
  const setLimit = (limit: string): string =>
    execFileSync(
      'prlimit',
      ['--pid', String(process.pid), '--raw', '--noheadings', '--output=SOFT', `--nofile${limit}`],
      {
        encoding: 'utf8',
      },
    ).trim();

  test('fd throws EMFILE and leaves nothing open; once there is room, it works', () => {
    const file = openSync('/proc/self/mounts', 'r');
    keep({ close: () => closeSync(file) });
    const callback = vi.fn();
    const former = setLimit('');
    setLimit(`=${LIMIT}:`);
    const outcomes: unknown[] = [];
    for (let room = 0; outcomes.at(-1) !== 'done'; room++) {
      const manager = keep(new EventManager());
      manager.add(file, IN, callback);
      const plugs = plugAll();
      for (const plug of plugs.splice(0, room)) {
        close(plug);
      }
      outcomes.push(outcomeOf(() => manager.fd));
      for (const plug of plugs) {
        close(plug);
      }
      callback.mockClear();
      nest(outer, manager);
      while (callback.mock.calls.length === 0) {
        outer.wait();
      }
      manager.close();
    }
    setLimit(`=${former}:`);
    expect(outcomes.length).toBeGreaterThan(1);
    expect(new Set(outcomes)).toEqual(new Set(['EMFILE', 'done']));
  });

  /** Takes every free number. */
  function plugAll(): number[] {
    const plugs: number[] = [];
    for (;;) {
      try {
        plugs.push(dup(0));
      } catch {
        return plugs;
      }
    }
  }

  function outcomeOf(call: () => unknown): unknown {
    try {
      call();
      return 'done';
    } catch (error) {
      return (error as { code?: string }).code;
    }
  }
});

onEachHostLoop('a worker that runs nested managers', () => {
  test('is terminated, and leaves nothing behind; a manager of another thread goes on', async () => {
    const program = new URL('../programs/nested-worker.mjs', import.meta.url);
    const callback = vi.fn();
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(program);
      const exit = once(worker, 'exit');
      const [fd] = await once(worker, 'message');
      outer.add(fd, IN, callback);
      expect(outer.wait()).toBe(1);
      await worker.terminate();
      await exit;
      expect(outer.audit()).toMatchObject([{ kind: 'closed', fd, kernel: undefined }]);
      expect(outer.wait(0)).toBe(0);
      outer.delete(fd);
    }
    counter(outer, callback).write();
    expect(outer.wait(0)).toBe(1);
    expect(callback).toHaveBeenCalledTimes(6);
  });
});
