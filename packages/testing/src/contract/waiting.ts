import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './calls.js';
import { type Section, scenario } from './scenario.js';

const { IN } = EventSet;
/** Timeouts and clock are told apart in doubles, which at a year's uptime resolve some microseconds. */
const CLOCK_RESOLUTION_MS = 0.005;

/** C14, C16 and C17: when a wait returns, what it says of itself, and whom it serves if there is not room for all. */
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

    scenario('C14.3 it returns how many callbacks were called', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const sources = world.sources(4);
      for (const source of sources) {
        manager.add(source, IN, calls.callback);
      }
      sources.forEach((source, index) => {
        assert.equal(manager.wait(0), index);
        source.makeReady();
      });
      assert.equal(manager.wait(0), 4);
    }),

    scenario('C14.4 a timeout of 0 reports what is ready, and returns if nothing is', [], (world) => {
      const manager = world.manager();
      const source = world.source();
      manager.add(source, IN, new Calls().callback);
      for (let round = 0; round < 100; round++) {
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.cause, 'timeout');
      }
      source.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.lastWait.cause, 'events');
    }),

    scenario('C14.5 a wait that need not block does not, whatever the timeout', [], (world) => {
      const manager = world.manager();
      manager.add(world.ready(), IN, new Calls().callback);
      for (const timeoutMs of [0.2, 1, 2 ** 31, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
        assert.equal(manager.wait(timeoutMs), 1, `with a timeout of ${timeoutMs} ms`);
      }
      assert.equal(manager.wait(), 1, 'with none');
    }),

    scenario('C14.6 no timeout ends early, fractions of a millisecond included', ['timeouts'], (world) => {
      const manager = world.manager();
      manager.add(world.source(), IN, new Calls().callback);
      for (const timeoutMs of [0.2, 1, 1.5, 10, 10, 20.25]) {
        let startMs: number;
        do {
          startMs = world.nowMs;
          assert.equal(manager.wait(timeoutMs), 0);
          // Any signal to the process, of no matter whom, ends a wait early; then it says so.
        } while (manager.lastWait.cause === 'interrupt');
        assert.equal(manager.lastWait.cause, 'timeout');
        const tookMs = world.nowMs - startMs;
        assert.ok(tookMs >= timeoutMs - CLOCK_RESOLUTION_MS, `${timeoutMs} ms were over after ${tookMs} ms`);
      }
    }),

    scenario(
      'C14.7 NaN, a negative timeout, and what is no number are refused before the poller is asked',
      [],
      (world) => {
        const manager = world.manager();
        manager.add(world.ready(), IN, new Calls().callback);
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

    scenario('C14.8 wake() makes the next wait return at once, with nothing, each time', [], (world) => {
      const manager = world.manager();
      manager.add(world.source(), IN, new Calls().callback);
      for (let round = 0; round < 10; round++) {
        manager.wake();
        assert.equal(manager.wait(), 0);
        assert.equal(manager.lastWait.cause, 'wake');
      }
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C14.9 any number of wake() before a wait count as one', [], (world) => {
      const manager = world.manager();
      for (let count = 0; count < 10; count++) {
        manager.wake();
      }
      manager.wait();
      assert.equal(manager.lastWait.cause, 'wake');
      manager.wait(0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C14.10 a wake() inside a callback is for the next wait', [], (world) => {
      const manager = world.manager();
      const source = world.ready();
      manager.add(source, IN, () => {
        source.clear();
        manager.wake();
      });
      assert.equal(manager.wait(), 1);
      assert.equal(manager.wait(), 0);
      assert.equal(manager.lastWait.cause, 'wake');
    }),

    scenario('C14.11 an interrupted wait returns 0, and the next one waits again', ['interrupt'], (world) => {
      const manager = world.manager();
      const source = world.source();
      manager.add(source, IN, new Calls().callback);
      world.interruptNextWait();
      assert.equal(manager.wait(), 0);
      assert.equal(manager.lastWait.cause, 'interrupt');
      source.makeReady();
      assert.equal(manager.wait(), 1);
    }),

    scenario('C14.12 an error of the poller is thrown, and the next wait works', [], (world) => {
      const manager = world.manager();
      const error = new Error('out of order');
      manager.add(world.ready(), IN, new Calls().callback);
      world.poller.refuseNext('wait', error);
      assert.throws(
        () => manager.wait(0),
        (thrown) => thrown === error,
      );
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C16.1 lastWait says what the wait did', [], (world) => {
      const manager = world.manager();
      const [a, b, c] = world.readySources(3);
      const calls = new Calls();
      const act = calls.and((_events, its) => {
        const [next, last] = [a, b, c].filter(({ fd }) => fd !== its.fd && manager.get(fd)?.events === IN);
        if (calls.count === 1 && next !== undefined && last !== undefined) {
          manager.delete(next.fd);
          manager.modify(last.fd, EventSet.EMPTY);
        }
      });
      for (const source of [a, b, c]) {
        manager.add(source, IN, act);
      }
      manager.wait(0);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 3, dispatched: 1, stale: 1, masked: 1 });
      manager.wait(0);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 1, dispatched: 1, stale: 0, masked: 0 });
    }),

    scenario('C16.2 stats has the totals', [], (world) => {
      const manager = world.manager();
      const sources = world.readySources(3);
      const calls = new Calls();
      for (const source of sources) {
        manager.add(
          source,
          IN,
          calls.and(() => {
            for (const { fd } of sources) {
              manager.delete(fd);
            }
          }),
        );
      }
      manager.wait(0);
      manager.wait(0);
      assert.deepEqual({ ...manager.stats }, { waits: 2, dispatched: 1, stale: 2, masked: 0 });
    }),

    scenario('C17.1 with room for one, each of five ready fds is served once in five waits', [], (world) => {
      const manager = world.manager({ capacity: 1 });
      const sources = world.readySources(5);
      const calls = new Calls();
      for (const source of sources) {
        manager.add(source, IN, calls.callback);
      }
      for (const _ of sources) {
        assert.equal(manager.wait(0), 1);
      }
      assert.deepEqual(
        calls.sortedFds,
        sources.map(({ fd }) => fd),
      );
    }),

    scenario('C17.2 with room for two, each of five ready fds is served twice in five waits', [], (world) => {
      const manager = world.manager({ capacity: 2 });
      const sources = world.readySources(5);
      const calls = new Calls();
      for (const source of sources) {
        manager.add(source, IN, calls.callback);
      }
      for (const _ of sources) {
        assert.equal(manager.wait(0), 2);
      }
      assert.deepEqual(
        calls.sortedFds,
        sources.flatMap(({ fd }) => [fd, fd]),
      );
    }),

    scenario('C17.3 there is room for 256 unless told otherwise, and who found none is served next', [], (world) => {
      const manager = world.manager();
      const sources = world.readySources(300);
      const calls = new Calls();
      for (const source of sources) {
        manager.add(source, IN, calls.callback);
      }
      assert.equal(manager.wait(0), 256);
      assert.equal(manager.wait(0), 256);
      assert.equal(new Set(calls.fds).size, 300);
    }),

    scenario('C17.4 a capacity that is no positive integer is refused', [], (world) => {
      for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 27]) {
        assert.throws(() => world.manager({ capacity }), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
      }
      assert.throws(() => world.manager({ capacity: '16' as never }), { code: 'ERR_INVALID_ARG_TYPE' });
    }),

    scenario('C17.5 ten thousand rounds of add, wait and delete leave nothing behind', [], (world) => {
      const manager = world.manager({ capacity: 4 });
      const [idle, busy] = world.sources(2);
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
