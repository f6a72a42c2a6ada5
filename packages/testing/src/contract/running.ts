import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls, Outcome } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN, PRIORITY, EDGE_TRIGGERED } = EventSet;
/** The clock is a double. After a year of uptime it resolves only microseconds. */
const CLOCK_RESOLUTION_MS = 0.005;
/** `setTimeout` counts whole milliseconds from the last one that has begun. */
const HOST_TIMER_RESOLUTION_MS = 1;

/** C25: a manager in the event loop of the host. */
export const running: Section = {
  title: 'Under run()',
  scenarios: [
    scenario('C25.1 run() delivers events again and again, until stop()', ['run'], async (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      let calls = 0;
      manager.add(testFd, IN, () => {
        testFd.clear();
        if (++calls === 50) {
          manager.stop();
        } else {
          queueMicrotask(() => testFd.makeReady());
        }
      });
      const run = new Outcome(manager.run());
      testFd.makeReady();
      await world.until(() => calls === 50);
      await run.value();
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.equal(calls, 51);
    }),

    scenario('C25.2 run() delivers what was ready before it, and what is added during it', ['run'], async (world) => {
      const manager = world.manager();
      const [first, second] = world.readyFds(2);
      const calls = new Calls();
      manager.add(
        first,
        IN,
        calls.and((_events, registration) => {
          registration.delete();
          manager.add(second, IN | EDGE_TRIGGERED, calls.callback);
        }),
      );
      void new Outcome(manager.run());
      await world.until(() => calls.count === 2);
      assert.deepEqual(calls.fds, [first.fd, second.fd]);
    }),

    scenario('C25.3 run() calls timers in the order in which they are due, and never early', ['run'], async (world) => {
      const manager = world.manager();
      const startMs = world.nowMs;
      const called: number[] = [];
      for (const delayMs of [60, 0, 30, 90]) {
        manager.after(delayMs, () => {
          called.push(delayMs);
          assert.ok(world.nowMs - startMs >= delayMs - CLOCK_RESOLUTION_MS, `${delayMs} ms were not over`);
        });
      }
      const run = new Outcome(manager.run({ until: 'empty' }));
      await world.until(() => called.length === 4);
      await world.until(() => run.isSettled);
      await run.value();
      assert.deepEqual(called, [0, 30, 60, 90]);
    }),

    scenario(
      'C25.4 run() calls a timer that is set during it, before one that is due later',
      ['run'],
      async (world) => {
        const manager = world.manager();
        const called: string[] = [];
        const late = manager.after(3_600_000, () => called.push('late'));
        void new Outcome(manager.run());
        await Promise.resolve();
        manager.after(5, () => called.push('soon'));
        await world.until(() => called.length === 1);
        assert.deepEqual([called, late.active], [['soon'], true]);
      },
    ),

    scenario('C25.5 run() ends when its signal aborts, and when the manager closes', ['run'], async (world) => {
      const manager = world.manager();
      const controller = new AbortController();
      const aborted = new Outcome(manager.run({ signal: controller.signal }));
      controller.abort();
      await aborted.value();
      const closed = new Outcome(manager.run());
      assert.equal(await new Outcome(manager.run()).code(), 'ERR_EM_ALREADY_RUNNING');
      manager.close();
      await closed.value();
    }),

    scenario(
      'C25.6 run() rejects with the error of a callback, and the next run() delivers the rest first',
      ['run', 'edge-triggered'],
      async (world) => {
        const manager = world.manager();
        const [first, second] = world.readyFds(2);
        const error = new Error('of a callback');
        const calls = new Calls();
        manager.add(first, IN | EDGE_TRIGGERED, () => {
          throw error;
        });
        manager.add(second, IN | EDGE_TRIGGERED, calls.callback);
        const failing = new Outcome(manager.run());
        await world.until(() => failing.isSettled);
        assert.equal(await failing.error(), error);
        assert.equal(calls.count, 0);
        void new Outcome(manager.run());
        await world.until(() => calls.count === 1);
        assert.equal(manager.stats.dispatched, 2);
      },
    ),

    scenario('C25.7 run() rejects with what the promise of a callback rejects with', ['run'], async (world) => {
      const manager = world.manager();
      const error = new Error('late');
      manager.after(0, async () => {
        await Promise.resolve();
        throw error;
      });
      const failing = new Outcome(manager.run());
      await world.until(() => failing.isSettled);
      assert.equal(await failing.error(), error);
    }),

    scenario('C25.8 run() delivers an event that its report consumes', ['run', 'consumed'], async (world) => {
      const manager = world.manager();
      const consuming = world.consumingFd();
      const calls = new Calls();
      manager.add(consuming, PRIORITY, calls.callback);
      void new Outcome(manager.run());
      await world.letPass(0);
      const before = calls.count;
      consuming.fire();
      await world.until(() => calls.count > before);
    }),

    scenario('C25.9 once() and on() end under run(), by an event or after their timeout', ['run'], async (world) => {
      const manager = world.manager();
      const [readable, silent] = world.testFds(2);
      void new Outcome(manager.run());
      const startMs = world.nowMs;
      const event = new Outcome(manager.once(readable, IN, { timeoutMs: 3_600_000 }));
      const timeout = new Outcome(manager.once(silent, IN, { timeoutMs: 20 }).finally(() => world.nowMs));
      readable.makeReady();
      await world.until(() => event.isSettled && timeout.isSettled);
      assert.equal(await event.value(), IN);
      assert.equal(await timeout.code(), 'ERR_EM_TIMEOUT');
      assert.ok(world.nowMs - startMs >= 20 - HOST_TIMER_RESOLUTION_MS);
    }),

    scenario("C25.10 run({ until: 'empty' }) ends after the last registration and timer", ['run'], async (world) => {
      const manager = world.manager();
      const registration = manager.add(world.readyFd(), IN, () => {
        registration.delete();
        manager.after(1, () => undefined);
      });
      const run = new Outcome(manager.run({ until: 'empty' }));
      await world.until(() => run.isSettled);
      assert.equal(manager.stats.dispatched, 2);
    }),

    scenario('C25.11 promises settle between two batches of run()', ['run'], async (world) => {
      const manager = world.manager();
      let isPending = false;
      let calls = 0;
      manager.add(world.readyFd(), IN, async () => {
        assert.equal(isPending, false);
        isPending = true;
        for (let step = 0; step < 20; step++) {
          await Promise.resolve();
        }
        isPending = false;
        if (++calls === 5) {
          manager.stop();
        }
      });
      const run = new Outcome(manager.run());
      await world.until(() => run.isSettled);
      await run.value();
    }),

    scenario('C25.12 run() goes on after a rebuild', ['run', 'rebuild', 'closing', 'dup'], async (world) => {
      const manager = world.manager();
      const orphan = world.readyFd();
      world.dup(orphan);
      const registration = manager.add(orphan.fd, IN, () => undefined);
      orphan.close();
      registration.delete();
      const testFd = world.testFd();
      const calls = new Calls();
      manager.add(testFd, IN | EDGE_TRIGGERED, calls.callback);
      void new Outcome(manager.run());
      await world.until(() => world.poller.calls.rebuild === 1);
      testFd.makeReady();
      await world.until(() => calls.count === 1);
    }),
  ],
};
