import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN } = EventSet;
/** The clock is a double. After a year of uptime it resolves only microseconds. */
const CLOCK_RESOLUTION_MS = 0.005;

/** C14, C16 and C17: when a wait returns, what it reports, and which events it delivers if the batch is too small. */
export const waiting: Section = {
  title: 'Waiting',
  scenarios: [
    scenario('C14.1 an empty manager can wait', [], (world) => {
      const manager = world.manager();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C14.2 an empty manager can wait with a timeout', ['timeouts'], (world) => {
      const manager = world.manager();
      do {
        assert.equal(manager.wait(1), 0);
      } while (manager.lastWait.cause === 'interrupt');
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C14.3 wait() returns the number of callbacks that it called', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const testFds = world.testFds(4);
      for (const testFd of testFds) {
        manager.add(testFd, IN, calls.callback);
      }
      testFds.forEach((testFd, index) => {
        assert.equal(manager.wait(0), index);
        testFd.makeReady();
      });
      assert.equal(manager.wait(0), 4);
    }),

    scenario('C14.4 wait(0) delivers the events that are true, and does not block', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      manager.add(testFd, IN, new Calls().callback);
      for (let round = 0; round < 100; round++) {
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.cause, 'timeout');
      }
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.lastWait.cause, 'events');
    }),

    scenario('C14.5 a wait does not block if an fd is ready, whatever the timeout', [], (world) => {
      const manager = world.manager();
      manager.add(world.readyFd(), IN, new Calls().callback);
      for (const timeoutMs of [0.2, 1, 2 ** 31, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
        assert.equal(manager.wait(timeoutMs), 1, `with a timeout of ${timeoutMs} ms`);
      }
      assert.equal(manager.wait(), 1, 'without a timeout');
    }),

    scenario('C14.6 no wait ends before its timeout, fractions of a millisecond included', ['timeouts'], (world) => {
      const manager = world.manager();
      manager.add(world.testFd(), IN, new Calls().callback);
      for (const timeoutMs of [0.2, 1, 1.5, 10, 10, 20.25]) {
        let startMs: number;
        do {
          startMs = world.nowMs;
          assert.equal(manager.wait(timeoutMs), 0);
          // A signal to the process, from any sender, interrupts a wait.
        } while (manager.lastWait.cause === 'interrupt');
        assert.equal(manager.lastWait.cause, 'timeout');
        const tookMs = world.nowMs - startMs;
        assert.ok(tookMs >= timeoutMs - CLOCK_RESOLUTION_MS, `${timeoutMs} ms were over after ${tookMs} ms`);
      }
    }),

    scenario(
      'C14.7 a timeout that is NaN, negative, or not a number is refused before the poller is called',
      [],
      (world) => {
        const manager = world.manager();
        manager.add(world.readyFd(), IN, new Calls().callback);
        for (const timeoutMs of [Number.NaN, -1, -0.5, Number.NEGATIVE_INFINITY]) {
          assert.throws(() => manager.wait(timeoutMs), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
        }
        for (const timeoutMs of ['1', null, 1n, {}]) {
          assert.throws(() => manager.wait(timeoutMs as never), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
        }
        assert.equal(world.poller.calls.wait, 0);
        assert.equal(manager.stats.waits, 0);
        assert.equal(manager.wait(0), 1);
      },
    ),

    scenario('C14.8 wake() makes the next wait return 0 at once, every time', [], (world) => {
      const manager = world.manager();
      manager.add(world.testFd(), IN, new Calls().callback);
      for (let round = 0; round < 10; round++) {
        manager.wake();
        assert.equal(manager.wait(), 0);
        assert.equal(manager.lastWait.cause, 'wake');
      }
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C14.9 several calls of wake() before a wait count as one', [], (world) => {
      const manager = world.manager();
      for (let count = 0; count < 10; count++) {
        manager.wake();
      }
      manager.wait();
      assert.equal(manager.lastWait.cause, 'wake');
      manager.wait(0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C14.10 wake() inside a callback wakes the next wait', [], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      manager.add(testFd, IN, () => {
        testFd.clear();
        manager.wake();
      });
      assert.equal(manager.wait(), 1);
      assert.equal(manager.wait(), 0);
      assert.equal(manager.lastWait.cause, 'wake');
    }),

    scenario('C14.11 an interrupted wait returns 0, and the next one waits again', ['interrupt'], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      manager.add(testFd, IN, new Calls().callback);
      world.interruptNextWait();
      assert.equal(manager.wait(), 0);
      assert.equal(manager.lastWait.cause, 'interrupt');
      testFd.makeReady();
      assert.equal(manager.wait(), 1);
    }),

    scenario('C14.12 wait() throws an error of the poller, and the next wait works', [], (world) => {
      const manager = world.manager();
      const error = new Error('out of order');
      manager.add(world.readyFd(), IN, new Calls().callback);
      world.poller.refuseNext('wait', error);
      assert.throws(
        () => manager.wait(0),
        (thrown) => thrown === error,
      );
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C16.1 lastWait has the cause and the counts of the last wait', [], (world) => {
      const manager = world.manager();
      const [a, b, c] = world.readyFds(3);
      const calls = new Calls();
      const act = calls.and((_events, its) => {
        const [next, last] = [a, b, c].filter(({ fd }) => fd !== its.fd && manager.get(fd)?.events === IN);
        if (calls.count === 1 && next !== undefined && last !== undefined) {
          manager.delete(next.fd);
          manager.modify(last.fd, EventSet.EMPTY);
        }
      });
      for (const testFd of [a, b, c]) {
        manager.add(testFd, IN, act);
      }
      manager.wait(0);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 3, dispatched: 1, stale: 1, masked: 1 });
      manager.wait(0);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 1, dispatched: 1, stale: 0, masked: 0 });
    }),

    scenario('C16.2 stats has the totals', [], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(3);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(
          testFd,
          IN,
          calls.and(() => {
            for (const { fd } of testFds) {
              manager.delete(fd);
            }
          }),
        );
      }
      manager.wait(0);
      manager.wait(0);
      assert.deepEqual({ ...manager.stats }, { waits: 2, dispatched: 1, stale: 2, masked: 0 });
    }),

    scenario('C17.1 with a capacity of one, each of five ready fds is called once in five waits', [], (world) => {
      const manager = world.manager({ capacity: 1 });
      const testFds = world.readyFds(5);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(testFd, IN, calls.callback);
      }
      for (const _ of testFds) {
        assert.equal(manager.wait(0), 1);
      }
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
    }),

    scenario('C17.2 with a capacity of two, each of five ready fds is called twice in five waits', [], (world) => {
      const manager = world.manager({ capacity: 2 });
      const testFds = world.readyFds(5);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(testFd, IN, calls.callback);
      }
      for (const _ of testFds) {
        assert.equal(manager.wait(0), 2);
      }
      assert.deepEqual(
        calls.sortedFds,
        testFds.flatMap(({ fd }) => [fd, fd]),
      );
    }),

    scenario(
      'C17.3 the default capacity is 256, and fds that found no room are called first by the next wait',
      [],
      (world) => {
        const manager = world.manager();
        const testFds = world.readyFds(300);
        const calls = new Calls();
        for (const testFd of testFds) {
          manager.add(testFd, IN, calls.callback);
        }
        assert.equal(manager.wait(0), 256);
        assert.equal(manager.wait(0), 256);
        assert.equal(new Set(calls.fds).size, 300);
      },
    ),

    scenario('C17.4 a capacity that is not a positive integer is refused', [], (world) => {
      for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 27]) {
        assert.throws(() => world.manager({ capacity }), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
      }
      assert.throws(() => world.manager({ capacity: '16' as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    }),

    scenario('C17.5 ten thousand rounds of add, wait and delete leave nothing behind', [], (world) => {
      const manager = world.manager({ capacity: 4 });
      const [idle, busy] = world.testFds(2);
      const calls = new Calls();
      manager.add(idle, IN, () => assert.fail('never ready'));
      busy.makeReady();
      for (let round = 0; round < 10_000; round++) {
        const registration = manager.add(busy, IN, calls.callback);
        assert.equal(manager.wait(0), 1);
        registration.delete();
      }
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.size, 1);
      assert.deepEqual({ ...manager.stats }, { waits: 10_001, dispatched: 10_000, stale: 0, masked: 0 });
    }),
  ],
};
