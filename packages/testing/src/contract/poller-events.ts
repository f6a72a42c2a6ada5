import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT, PRIORITY, HANG_UP, EDGE_TRIGGERED, EXCLUSIVE, ONE_SHOT } = EventSet;

/** Long enough for a poller that gets its events from another thread. */
const LONG_ENOUGH_MS = 30_000;

/** P4 and P5, and the docs of the methods: what `Poller` promises about events. Tests the poller without a manager. */
export const pollerEvents: Section = {
  title: 'Poller: events',
  scenarios: [
    scenario('P4.1 HANG_UP is reported although the interest does not have it', ['hang-up'], (world) => {
      const testFd = world.hangUpFd();
      world.poller.add(testFd.fd, EMPTY, 1);
      testFd.hangUp();
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: HANG_UP, generation: 1 }]);
    }),

    scenario('P4.2 IN is not reported unless asked for', [], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, EMPTY, 1);
      assert.deepEqual(world.poll().entries, []);
    }),

    scenario('P4.3 if IN and OUT are both true, only those asked for are reported', ['out'], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, OUT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: OUT, generation: 1 }]);
      world.poller.modify(testFd.fd, IN | OUT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN | OUT, generation: 1 }]);
    }),

    scenario('P4.4 modify() to EMPTY silences an fd, and modify() back to IN reports it', [], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, IN, 1);
      world.poller.modify(testFd.fd, EMPTY, 1);
      assert.deepEqual(world.poll().entries, []);
      world.poller.modify(testFd.fd, IN, 1);
      assert.equal(world.poll().entries.length, 1);
    }),

    scenario('P4.5 a level-triggered event is reported as long as it is true', [], (world) => {
      const testFd = world.testFd();
      world.poller.add(testFd.fd, IN, 1);
      assert.equal(world.poll().entries.length, 0);
      testFd.makeReady();
      assert.equal(world.poll().entries.length, 1);
      assert.equal(world.poll().entries.length, 1);
      testFd.clear();
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('P4.6 an edge-triggered event is reported once per edge', ['edge-triggered'], (world) => {
      const testFd = world.testFd();
      world.poller.add(testFd.fd, (IN | EDGE_TRIGGERED) >>> 0, 1);
      testFd.makeReady();
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 1 }]);
      assert.equal(world.poll().entries.length, 0);
      testFd.makeReady();
      assert.equal(world.poll().entries.length, 1, 'a new edge, although IN was true all the time');
      assert.equal(world.poll().entries.length, 0);
      world.poller.modify(testFd.fd, (IN | EDGE_TRIGGERED) >>> 0, 1);
      assert.equal(world.poll().entries.length, 1, 'modify() checks again');
    }),

    scenario('P4.7 an fd that is ready when it is added edge-triggered is an edge', ['edge-triggered'], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, (IN | EDGE_TRIGGERED) >>> 0, 1);
      assert.equal(world.poll().entries.length, 1);
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('P4.8 ONE_SHOT reports once, then nothing until modify()', ['one-shot'], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, IN | ONE_SHOT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 1 }]);
      testFd.makeReady();
      assert.equal(world.poll().entries.length, 0);
      world.poller.modify(testFd.fd, IN | ONE_SHOT, 2);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 2 }]);
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('P4.9 a ONE_SHOT that has reported does not report HANG_UP either', ['one-shot', 'hang-up'], (world) => {
      const testFd = world.hangUpFd();
      world.poller.add(testFd.fd, IN | ONE_SHOT, 1);
      testFd.makeReady();
      assert.equal(world.poll().entries.length, 1);
      testFd.hangUp();
      assert.equal(world.poll().entries.length, 0);
      world.poller.modify(testFd.fd, IN | ONE_SHOT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN | HANG_UP, generation: 1 }]);
    }),

    scenario(
      'P4.10 an EXCLUSIVE registration reports as others do, and without EXCLUSIVE in the events',
      ['exclusive'],
      (world) => {
        const testFd = world.readyFd();
        world.poller.add(testFd.fd, IN | EXCLUSIVE, 1);
        assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 1 }]);
      },
    ),

    scenario('P4.11 an event that its report consumes is reported once', ['consumed'], (world) => {
      const testFd = world.consumingFd();
      world.poller.add(testFd.fd, PRIORITY, 1);
      assert.deepEqual(world.poll().entries, []);
      for (let firing = 0; firing < 3; firing++) {
        testFd.fire();
        testFd.fire();
        const { entries } = world.poll(16, LONG_ENOUGH_MS);
        assert.deepEqual(entries.map(withPriority), [{ fd: testFd.fd, events: PRIORITY, generation: 1 }]);
        assert.deepEqual(world.poll().entries, []);
      }
    }),

    scenario(
      'P4.12 an event that its report consumes is not lost between two armings of a ONE_SHOT',
      ['consumed', 'one-shot'],
      (world) => {
        const testFd = world.consumingFd();
        testFd.fire();
        world.poller.add(testFd.fd, PRIORITY | ONE_SHOT, 1);
        for (let generation = 1; generation < 4; generation++) {
          const { entries } = world.poll(16, LONG_ENOUGH_MS);
          assert.deepEqual(entries.map(withPriority), [{ fd: testFd.fd, events: PRIORITY, generation }]);
          testFd.fire();
          assert.deepEqual(world.poll().entries, []);
          world.poller.modify(testFd.fd, PRIORITY | ONE_SHOT, generation + 1);
        }
      },
    ),

    scenario('P5.1 with a capacity of one, each of five ready fds is reported once in five waits', [], (world) => {
      const testFds = world.readyFds(5);
      watchAll(world.poller, testFds);
      const reported = testFds.flatMap(() => world.poll(1).entries).map(({ fd }) => fd);
      assert.deepEqual(
        reported.sort((a, b) => a - b),
        testFds.map(({ fd }) => fd),
      );
    }),

    scenario('P5.2 with a capacity of two, each of five ready fds is reported twice in five waits', [], (world) => {
      const testFds = world.readyFds(5);
      watchAll(world.poller, testFds);
      const reported = testFds.flatMap(() => world.poll(2).entries).map(({ fd }) => fd);
      assert.deepEqual(
        reported.sort((a, b) => a - b),
        testFds.flatMap(({ fd }) => [fd, fd]),
      );
    }),

    scenario('P5.3 an fd that becomes ready late is reported although the others stay ready', [], (world) => {
      const testFds = world.testFds(3);
      watchAll(world.poller, testFds);
      const [first, second, late] = testFds;
      first.makeReady();
      second.makeReady();
      world.poll(1);
      late.makeReady();
      const reported = testFds.flatMap(() => world.poll(1).entries).map(({ fd }) => fd);
      assert.ok(reported.includes(late.fd), 'three are ready, so each is reported within three waits');
    }),

    scenario('P5.4 an event that is reported only once is not lost if it finds no room', ['one-shot'], (world) => {
      const testFds = world.readyFds(3);
      for (const { fd } of testFds) {
        world.poller.add(fd, IN | ONE_SHOT, 1);
      }
      const reported = testFds.flatMap(() => world.poll(1).entries).map(({ fd }) => fd);
      assert.deepEqual(
        reported.sort((a, b) => a - b),
        testFds.map(({ fd }) => fd),
      );
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('Poller.wait: the cause is "events" if it reports some, and "timeout" after the timeout', [], (world) => {
      const testFd = world.testFd();
      world.poller.add(testFd.fd, IN, 1);
      assert.equal(world.poll().cause, 'timeout');
      testFd.makeReady();
      assert.equal(world.poll().cause, 'events');
      testFd.clear();
      assert.equal(world.poll().cause, 'timeout');
    }),

    scenario('Poller.wake: any number of calls make one wait return at once', [], (world) => {
      world.poller.wake();
      world.poller.wake();
      world.poller.wake();
      assert.deepEqual(world.poll(16, Number.POSITIVE_INFINITY), { cause: 'wake', entries: [] });
      assert.deepEqual(world.poll(), { cause: 'timeout', entries: [] });
    }),

    scenario(
      'Poller.wake: a wait that is woken still reports the fds that are ready, and the next wait is not woken',
      [],
      (world) => {
        const testFd = world.readyFd();
        world.poller.add(testFd.fd, IN, 1);
        world.poller.wake();
        assert.deepEqual(world.poll(), { cause: 'events', entries: [{ fd: testFd.fd, events: IN, generation: 1 }] });
        testFd.clear();
        assert.equal(world.poll().cause, 'timeout');
      },
    ),

    scenario(
      'Poller.wake: a wake that meets a full batch is used up by the first wait that reports nothing',
      [],
      (world) => {
        const testFds = world.readyFds(2);
        for (const [at, { fd }] of testFds.entries()) {
          world.poller.add(fd, IN, at + 1);
        }
        world.poller.wake();
        assert.equal(world.poll(1).cause, 'events');
        for (const testFd of testFds) {
          testFd.clear();
        }
        while (world.poll(1).entries.length > 0) {
          // What was ready may be reported once more.
        }
        assert.deepEqual(world.poll(1), { cause: 'timeout', entries: [] });
      },
    ),

    scenario('Poller.close: a second call does nothing', [], (world) => {
      const testFd = world.testFd();
      world.poller.add(testFd.fd, IN, 1);
      world.poller.close();
      world.poller.close();
    }),
  ],
};

/** PRIORITY, without the ERROR that some of these files report with it. */
function withPriority<E extends { readonly events: EventSet }>(entry: E): E {
  return { ...entry, events: entry.events & PRIORITY };
}

function watchAll(
  poller: { add(fd: number, events: EventSet, generation: number): void },
  testFds: readonly { fd: number }[],
): void {
  testFds.forEach(({ fd }, index) => {
    poller.add(fd, IN, index + 1);
  });
}
