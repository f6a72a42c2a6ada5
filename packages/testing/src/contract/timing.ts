import assert from 'node:assert/strict';
import { EventSet, type Timer } from '@em/core';
import { Calls, countingSignal } from './doubles.js';
import { type Section, scenario } from './scenario.js';
import type { World } from './world.js';

const { IN } = EventSet;
/** The clock is a double. After a year of uptime it resolves only microseconds. */
const CLOCK_RESOLUTION_MS = 0.005;
const REFUSED = { code: 'ERR_OUT_OF_RANGE' };
const INVALID = { code: 'ERR_INVALID_ARG_TYPE' };
const CLOSED = { code: 'ERR_EM_CLOSED' };

function ignore(): void {
  assert.fail('this callback must not be called');
}

/** Lets time pass without the manager. */
function pass(world: World, ms: number): void {
  const endMs = world.nowMs + ms;
  while (world.nowMs < endMs) {
    world.poll(1, endMs - world.nowMs);
  }
}

/** C21: timers. */
export const timing: Section = {
  title: 'Timers',
  scenarios: [
    scenario(
      'C21.1 after() calls back once, and never early, fractions of a millisecond included',
      ['timeouts'],
      (world) => {
        const manager = world.manager();
        for (const delayMs of [0, 0.2, 1, 1.5, 10, 20.25]) {
          const calls: number[] = [];
          const startMs = world.nowMs;
          manager.after(delayMs, () => void calls.push(world.nowMs - startMs));
          while (calls.length === 0) {
            manager.wait();
          }
          assert.ok((calls[0] as number) >= delayMs - CLOCK_RESOLUTION_MS, `${delayMs} ms were over after ${calls} ms`);
          manager.wait(delayMs);
          assert.equal(calls.length, 1);
        }
      },
    ),

    scenario(
      'C21.2 timers are called in the order in which they are due, whatever the order of the calls',
      ['timeouts'],
      (world) => {
        const manager = world.manager();
        const called: number[] = [];
        // The steps are longer than the time between two calls, also on a slow machine.
        for (const delayMs of [150, 50, 100, 250, 200, 0, 300]) {
          manager.after(delayMs, () => called.push(delayMs));
        }
        pass(world, 300);
        assert.equal(manager.wait(0), 7);
        assert.deepEqual(called, [0, 50, 100, 150, 200, 250, 300]);
      },
    ),

    scenario(
      'C21.3 timers that are due at the same time are called in the order in which they were set',
      ['timeouts'],
      (world) => {
        const manager = world.manager();
        const called: string[] = [];
        for (const label of ['a', 'b', 'c', 'd', 'e']) {
          manager.after(1, () => called.push(label));
        }
        while (called.length < 5) {
          manager.wait();
        }
        assert.deepEqual(called, ['a', 'b', 'c', 'd', 'e']);
      },
    ),

    scenario('C21.4 a wait without fds ends when a timer is due, and reports it', ['timeouts'], (world) => {
      const manager = world.manager();
      let called = 0;
      manager.after(1, () => void called++);
      let count: number;
      do {
        count = manager.wait();
      } while (manager.lastWait.cause === 'interrupt');
      assert.equal(count, 1);
      assert.equal(called, 1);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'timer', ready: 0, dispatched: 1, stale: 0, masked: 0 });
      assert.equal(manager.stats.dispatched, 1);
    }),

    scenario(
      'C21.5 a wait whose timeout comes first calls no timer, and its cause is timeout',
      ['timeouts'],
      (world) => {
        const manager = world.manager();
        const timer = manager.after(3_600_000, ignore);
        for (const timeoutMs of [0, 0.2, 1]) {
          assert.equal(manager.wait(timeoutMs), 0);
          assert.ok(['timeout', 'interrupt'].includes(manager.lastWait.cause));
        }
        assert.equal(timer.active, true);
      },
    ),

    scenario('C21.6 wait(0) calls the events first, then the timers that are due', [], (world) => {
      const manager = world.manager();
      const called: string[] = [];
      manager.after(0, () => called.push('timer'));
      manager.add(world.readyFd(), IN, () => called.push('event'));
      assert.equal(manager.wait(0), 2);
      assert.deepEqual(called, ['event', 'timer']);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 1, dispatched: 2, stale: 0, masked: 0 });
    }),

    scenario('C21.7 an event can refresh or cancel a timer that is due', [], (world) => {
      const manager = world.manager();
      const refreshed = manager.after(0, ignore);
      const cancelled = manager.after(0, ignore);
      const registration = manager.add(world.readyFd(), IN, () => {
        refreshed.refresh();
        cancelled.cancel();
      });
      assert.equal(manager.wait(0), 1);
      registration.delete();
      assert.equal(refreshed.active, true);
      assert.equal(cancelled.active, false);
      refreshed.cancel();
      assert.equal(manager.wait(0), 0);
    }),

    scenario(
      'C21.8 a cancelled timer is never called, also if another timer of the same wait cancels it',
      [],
      (world) => {
        const manager = world.manager();
        const called: string[] = [];
        const timers: Timer[] = [];
        for (const label of ['a', 'b', 'c']) {
          timers.push(
            manager.after(0, () => {
              called.push(label);
              assert.deepEqual(
                timers.map((timer) => timer.cancel()),
                [false, true, true],
              );
            }),
          );
        }
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(called, ['a']);
        assert.equal(manager.wait(0), 0);
        assert.deepEqual(
          timers.map((timer) => timer.cancel()),
          [false, false, false],
        );
      },
    ),

    scenario('C21.9 a timer that a callback sets waits for the next wait, even with a delay of 0', [], (world) => {
      const manager = world.manager();
      const called: string[] = [];
      manager.after(0, () => {
        called.push('outer');
        manager.after(0, () => called.push('inner'));
      });
      manager.add(world.readyFd(), IN, (_events, registration) => {
        registration.delete();
        manager.after(0, () => called.push('of the event'));
      });
      assert.equal(manager.wait(0), 2);
      assert.deepEqual(called, ['outer']);
      assert.equal(manager.wait(0), 2);
      assert.deepEqual(called, ['outer', 'of the event', 'inner']);
    }),

    scenario('C21.10 refresh() starts the time again, of a timer that was called, too', ['timeouts'], (world) => {
      const manager = world.manager();
      let calls = 0;
      const timer = manager.after(5, () => void calls++);
      const { nextDeadline } = manager;
      pass(world, 1);
      timer.refresh();
      assert.ok(manager.nextDeadline >= nextDeadline + 1 - CLOCK_RESOLUTION_MS);
      for (const expected of [1, 2]) {
        const startMs = world.nowMs;
        timer.refresh();
        while (calls < expected) {
          manager.wait();
        }
        assert.ok(world.nowMs - startMs >= 5 - CLOCK_RESOLUTION_MS);
        assert.equal(timer.active, false);
      }
      timer.cancel();
      timer.refresh();
      assert.equal(timer.active, false);
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
    }),

    scenario(
      'C21.11 every() stays at multiples of its period, and skips the periods that are over',
      ['timeouts'],
      (world) => {
        const manager = world.manager();
        let calls = 0;
        const timer = manager.every(4, () => void calls++);
        const firstMs = manager.nextDeadline;
        for (const lateMs of [0, 13, 1]) {
          pass(world, Math.max(0, manager.nextDeadline - world.nowMs) + lateMs);
          const driveMs = world.nowMs;
          const before = calls;
          assert.equal(manager.wait(0), 1);
          assert.equal(calls, before + 1);
          const periods = (manager.nextDeadline - firstMs) / 4;
          assert.ok(Math.abs(periods - Math.round(periods)) < 0.001, `the next period begins after ${periods} periods`);
          assert.ok(manager.nextDeadline > driveMs);
          assert.equal(timer.active, true);
        }
        timer.cancel();
      },
    ),

    scenario(
      'C21.12 wait() throws the error of a timer, and the next wait calls the others without polling',
      [],
      (world) => {
        const manager = world.manager();
        const called: string[] = [];
        const error = new Error('of the timer');
        manager.after(0, () => {
          called.push('a');
          throw error;
        });
        manager.after(0, () => called.push('b'));
        manager.after(0, () => called.push('c'));
        assert.throws(
          () => manager.wait(0),
          (thrown) => thrown === error,
        );
        assert.deepEqual(called, ['a']);
        assert.equal(manager.wait(), 2);
        assert.deepEqual(called, ['a', 'b', 'c']);
        assert.equal(world.poller.calls.wait, 1);
        assert.equal(manager.lastWait.cause, 'timer');
      },
    ),

    scenario('C21.13 a callback that throws in every wait does not keep timers from being called', [], (world) => {
      const manager = world.manager();
      let called = 0;
      manager.add(world.readyFd(), IN, () => {
        throw new Error('again');
      });
      manager.after(0, () => void called++);
      for (let round = 0; round < 2; round++) {
        try {
          manager.wait(0);
        } catch (error) {
          assert.equal((error as Error).message, 'again');
        }
      }
      assert.equal(called, 1);
    }),

    scenario('C21.14 onError gets the error of a timer and the timer, and the others are called', [], async (world) => {
      const handled: unknown[] = [];
      const manager = world.manager({
        onError: (error, handle) => void handled.push(handle, (error as Error).message),
      });
      let called = 0;
      const thrower = manager.after(0, () => {
        throw new Error('thrown');
      });
      const rejecter = manager.after(0, () => Promise.reject(new Error('rejected')));
      manager.after(0, () => void called++);
      assert.equal(manager.wait(0), 3);
      await Promise.resolve();
      assert.equal(called, 1);
      assert.deepEqual(handled, [thrower, 'thrown', rejecter, 'rejected']);
    }),

    scenario('C21.15 the next wait throws the error of a promise that a timer returned', [], async (world) => {
      const manager = world.manager();
      const error = new Error('late');
      manager.after(0, () => Promise.reject(error));
      assert.equal(manager.wait(0), 1);
      await Promise.resolve();
      assert.throws(
        () => manager.wait(0),
        (thrown) => thrown === error,
      );
    }),

    scenario('C21.16 a wait inside a timer calls the other timers that are due, and does not poll', [], (world) => {
      const manager = world.manager();
      const called: string[] = [];
      let nested = 0;
      manager.after(0, () => {
        called.push('a');
        nested = manager.wait();
      });
      manager.after(0, () => called.push('b'));
      manager.after(0, () => called.push('c'));
      assert.equal(manager.wait(0), 1);
      assert.equal(nested, 2);
      assert.deepEqual(called, ['a', 'b', 'c']);
      assert.equal(world.poller.calls.wait, 1);
    }),

    scenario('C21.17 a wait inside the last timer that is due polls', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      let nested = 0;
      const calls = new Calls();
      manager.add(testFd, IN, calls.callback);
      manager.after(0, () => {
        testFd.makeReady();
        nested = manager.wait(0);
      });
      assert.equal(manager.wait(0), 1);
      assert.equal(nested, 1);
      assert.deepEqual(calls.fds, [testFd.fd]);
    }),

    scenario('C21.18 dispatch() yields the results of the events, then those of the timers', [], (world) => {
      const manager = world.manager();
      manager.after(0, () => 'first');
      manager.after(0, () => 'second');
      manager.add(world.readyFd(), IN, () => 'event');
      assert.deepEqual([...manager.dispatch(0)], ['event', 'first', 'second']);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 1, dispatched: 3, stale: 0, masked: 0 });
    }),

    scenario('C21.19 a dispatch() that breaks off leaves the timers to the next wait', [], (world) => {
      const manager = world.manager();
      let called = 0;
      for (let count = 0; count < 3; count++) {
        manager.after(0, () => ++called);
      }
      for (const result of manager.dispatch(0)) {
        assert.equal(result, 1);
        break;
      }
      assert.equal(called, 1);
      assert.equal(manager.wait(), 2);
      assert.equal(world.poller.calls.wait, 1);
    }),

    scenario('C21.20 a timer with slack waits for another timer, to share a wake-up', ['timeouts'], (world) => {
      const manager = world.manager();
      const called: string[] = [];
      manager.after(1, () => called.push('patient'), { slackMs: 3_600_000 });
      manager.after(2, () => called.push('exact'));
      while (called.length === 0) {
        manager.wait();
      }
      assert.deepEqual(called, ['patient', 'exact']);
      assert.equal(manager.stats.dispatched, 2);
    }),

    scenario(
      'C21.21 a timer with slack is called once its slack is over, or when an event is dispatched',
      ['timeouts'],
      (world) => {
        const manager = world.manager();
        const calls = new Calls();
        const startMs = world.nowMs;
        let called = 0;
        const timer = manager.after(1, () => void called++, { slackMs: 2 });
        assert.ok(manager.nextDeadline - startMs >= 3 - CLOCK_RESOLUTION_MS);
        while (called === 0) {
          manager.wait();
        }
        assert.ok(world.nowMs - startMs >= 3 - CLOCK_RESOLUTION_MS);
        timer.refresh();
        pass(world, 1);
        manager.add(world.readyFd(), IN, calls.callback);
        assert.equal(manager.wait(), 2);
        assert.equal(called, 2);
      },
    ),

    scenario('C21.22 nextDeadline is that of the next timer, and Infinity without timers', [], (world) => {
      const manager = world.manager();
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
      const beforeMs = world.nowMs;
      const [late, early] = [manager.after(2_000, ignore), manager.every(1_000, ignore)];
      const afterMs = world.nowMs;
      assert.ok(manager.nextDeadline >= beforeMs + 1_000 && manager.nextDeadline <= afterMs + 1_000);
      early.cancel();
      assert.ok(manager.nextDeadline >= beforeMs + 2_000 && manager.nextDeadline <= afterMs + 2_000);
      late.cancel();
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
    }),

    scenario('C21.23 a timer has its label, and is passed to its callback', [], (world) => {
      const manager = world.manager();
      const passed: Timer[] = [];
      const one = manager.after(0, (timer) => void passed.push(timer), { label: 'one' });
      const many = manager.every(
        0.001,
        (timer) => {
          passed.push(timer);
          timer.cancel();
        },
        { label: 'many' },
      );
      assert.deepEqual([one.label, one.active, many.label, many.active], ['one', true, 'many', true]);
      while (passed.length < 2) {
        manager.wait(1);
      }
      assert.deepEqual(passed, [one, many]);
      assert.deepEqual([one.active, many.active], [false, false]);
    }),

    scenario('C21.24 a signal cancels its timers, and gets no listener of timers that have ended', [], (world) => {
      const manager = world.manager();
      const controller = new AbortController();
      const { signal } = controller;
      const timers = [manager.after(0, ignore, { signal }), manager.every(1, ignore, { signal })];
      controller.abort();
      assert.deepEqual(
        timers.map(({ active }) => active),
        [false, false],
      );
      timers[0]?.refresh();
      assert.equal(manager.wait(0), 0);
      assert.throws(
        () => manager.after(0, ignore, { signal }),
        (thrown) => thrown === signal.reason,
      );
      const second = new AbortController();
      const over = manager.after(0, () => undefined, { signal: second.signal });
      assert.equal(manager.wait(0), 1);
      second.abort();
      over.refresh();
      assert.equal(over.active, false);
      const listeners = countingSignal();
      const called = manager.after(0, () => undefined, { signal: listeners.signal });
      manager.every(1, ignore, { signal: listeners.signal }).cancel();
      assert.equal(manager.wait(0), 1);
      assert.equal(listeners.count(), 0);
      called.refresh();
      assert.equal(listeners.count(), 1);
      manager.close();
      assert.equal(listeners.count(), 0);
    }),

    scenario('C21.25 close() cancels every timer, inside a callback, too', [], (world) => {
      const manager = world.manager();
      let called = 0;
      const first = manager.after(0, () => {
        called++;
        manager.close();
      });
      const [second, periodic] = [manager.after(0, ignore), manager.every(0.001, ignore)];
      assert.equal(manager.wait(0), 1);
      assert.equal(called, 1);
      for (const timer of [first, second, periodic]) {
        timer.refresh();
        assert.equal(timer.active, false);
        assert.equal(timer.cancel(), false);
      }
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
      assert.throws(() => manager.after(1, ignore), CLOSED);
      assert.throws(() => manager.every(1, ignore), CLOSED);
    }),

    scenario('C21.26 close() of a group cancels its timers, and no others', [], (world) => {
      const manager = world.manager();
      const group = manager.group();
      let called = 0;
      const before = group.after(0, () => undefined);
      assert.equal(manager.wait(0), 1);
      const timers = [group.after(0, ignore), group.every(1, ignore)];
      manager.after(0, () => void called++);
      group.close();
      for (const timer of [before, ...timers]) {
        timer.refresh();
        assert.equal(timer.active, false);
      }
      assert.equal(manager.wait(0), 1);
      assert.equal(called, 1);
      assert.throws(() => group.after(1, ignore), CLOSED);
      assert.throws(() => group.every(1, ignore), CLOSED);
    }),

    scenario('C21.27 after() and every() refuse wrong arguments, and set nothing', [], (world) => {
      const manager = world.manager();
      for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.throws(() => manager.after(ms, ignore), REFUSED);
        assert.throws(() => manager.every(ms, ignore), REFUSED);
        assert.throws(() => manager.after(1, ignore, { slackMs: ms }), REFUSED);
      }
      assert.throws(() => manager.every(0, ignore), REFUSED);
      for (const wrong of ['1', null, 1n, {}]) {
        assert.throws(() => manager.after(wrong as never, ignore), INVALID);
        assert.throws(() => manager.after(1, wrong as never), INVALID);
        assert.throws(() => manager.every(1, ignore, { slackMs: wrong as never }), INVALID);
      }
      assert.throws(() => manager.after(1, ignore, { label: 1 as never }), INVALID);
      assert.throws(() => manager.after(1, ignore, { signal: {} as never }), INVALID);
      assert.throws(() => manager.after(1, ignore, null as never), INVALID);
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
    }),

    scenario(
      'C21.28 a wait that is woken or interrupted leaves its timers pending',
      ['timeouts', 'interrupt'],
      (world) => {
        const manager = world.manager();
        let called = 0;
        const timer = manager.after(3_600_000, () => void called++);
        manager.wake();
        assert.equal(manager.wait(), 0);
        assert.equal(manager.lastWait.cause, 'wake');
        world.interruptNextWait();
        assert.equal(manager.wait(), 0);
        assert.equal(manager.lastWait.cause, 'interrupt');
        assert.equal(timer.active, true);
        assert.equal(called, 0);
      },
    ),

    scenario('C21.29 timers make no call of the poller, whatever their number', [], (world) => {
      const manager = world.manager();
      const before = { ...world.poller.calls };
      const timers = Array.from({ length: 10_000 }, (_, index) =>
        manager.after(1_000_000 + ((index * 7_919) % 10_000), ignore),
      );
      for (const timer of timers) {
        timer.refresh();
        assert.equal(timer.cancel(), true);
      }
      assert.deepEqual(world.poller.calls, before);
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
    }),
  ],
};
