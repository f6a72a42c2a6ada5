import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Outcome } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN, OUT, HANG_UP, PRIORITY } = EventSet;
/** A timeout that only a mistake reaches. */
const LONG_ENOUGH_MS = 30_000;
const DONE = { done: true, value: undefined };

/** C24: what `once` and `on` wait for, one event per step. */
export const awaiting: Section = {
  title: 'Awaiting events',
  scenarios: [
    scenario('C24.1 on() gives each of several pending steps an event', ['one-shot'], async (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const events = manager.on(testFd, IN);
      const steps = new Outcome(Promise.all([events.next(), events.next()]));
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      assert.deepEqual(await steps.value(), Array(2).fill({ value: IN, done: false }));
      await events.return();
      assert.equal(manager.size, 0);
    }),

    scenario('C24.2 return() of on() ends every pending step, and the fd can be added again', [], async (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const events = manager.on(testFd, IN);
      const steps = [events.next(), events.next(), events.return(), events.next()];
      assert.equal(manager.size, 0);
      assert.deepEqual(await Promise.all(steps), Array(4).fill(DONE));
      testFd.makeReady();
      manager.add(testFd, IN, () => undefined);
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C24.3 throw() of on() rejects the first pending step, and ends the others', [], async (world) => {
      const manager = world.manager();
      const error = new Error('enough');
      const events = manager.on(world.testFd(), IN);
      const [first, ...others] = [events.next(), events.next(), events.throw(error)];
      assert.equal(manager.size, 0);
      await assert.rejects(first, (reason) => reason === error);
      assert.deepEqual(await Promise.all(others), Array(2).fill(DONE));
    }),

    scenario(
      'C24.4 two tasks wait for different events of one fd, and each gets its own',
      ['one-shot', 'out'],
      async (world) => {
        const manager = world.manager();
        const testFd = world.testFd();
        const readable = new Outcome(manager.once(testFd, IN));
        const writable = new Outcome(manager.once(testFd, OUT));
        assert.equal(manager.size, 1);
        assert.equal(manager.wait(0), 1);
        assert.equal(await writable.value(), OUT);
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.ready, 0);
        testFd.makeReady();
        assert.equal(manager.wait(0), 1);
        assert.equal(await readable.value(), IN);
        assert.equal(manager.size, 0);
      },
    ),

    scenario('C24.5 two tasks that wait for the same event both get it', ['one-shot'], async (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const first = new Outcome(manager.once(testFd, IN));
      const second = new Outcome(manager.on(testFd, IN).next());
      const third = new Outcome(manager.once(testFd, IN));
      void new Outcome(manager.on(testFd, PRIORITY).next());
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.equal(await first.value(), IN);
      assert.deepEqual(await second.value(), { done: false, value: IN });
      assert.equal(await third.value(), IN);
    }),

    scenario('C24.6 HANG_UP settles every task of an fd', ['one-shot', 'hang-up'], async (world) => {
      const manager = world.manager();
      const testFd = world.hangUpFd();
      const tasks = [IN, PRIORITY].map((events) => new Outcome(manager.once(testFd, events)));
      testFd.hangUp();
      assert.equal(manager.wait(0), 1);
      for (const task of tasks) {
        assert.equal(await task.value(), HANG_UP);
      }
    }),

    scenario('C24.7 when a task ends, nothing is watched for it any more', ['one-shot', 'out'], async (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const readable = new Outcome(manager.once(testFd, IN));
      const controller = new AbortController();
      const writable = new Outcome(manager.once(testFd, OUT, { signal: controller.signal }));
      const reason = new Error('enough');
      controller.abort(reason);
      assert.equal(await writable.error(), reason);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.equal(await readable.value(), IN);
    }),

    scenario(
      'C24.8 nothing is watched for an iteration between two steps, although another task waits for the fd and ends',
      ['one-shot'],
      async (world) => {
        const manager = world.manager();
        const testFd = world.readyFd();
        const iteration = manager.on(testFd, IN);
        const first = new Outcome(iteration.next());
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(await first.value(), { done: false, value: IN });
        const other = manager.on(testFd, PRIORITY);
        const step = new Outcome(other.next());
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.ready, 0);
        void other.return();
        assert.deepEqual(await step.value(), DONE);
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.ready, 0);
        const second = new Outcome(iteration.next());
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(await second.value(), { done: false, value: IN });
      },
    ),

    scenario(
      'C24.9 add() and once() of the same fd refuse each other, in either order',
      ['one-shot'],
      async (world) => {
        const manager = world.manager();
        const testFd = world.readyFd();
        const code = 'ERR_EM_ALREADY_REGISTERED';
        const waiting = new Outcome(manager.once(testFd, IN));
        assert.throws(() => manager.add(testFd, OUT, () => undefined), { code });
        assert.equal(manager.wait(0), 1);
        assert.equal(await waiting.value(), IN);
        const registration = manager.add(testFd, IN, () => undefined);
        assert.equal(await new Outcome(manager.once(testFd, OUT)).code(), code);
        assert.equal(await new Outcome(manager.on(testFd, OUT).next()).code(), code);
        assert.equal(registration.active, true);
        assert.equal(manager.wait(0), 1);
      },
    ),

    scenario(
      'C24.10 a task that waits for a number that was closed and used again waits for the new file alone',
      ['one-shot', 'closing', 'fd-reuse'],
      async (world) => {
        const manager = world.manager();
        const former = world.testFd();
        const waiting = new Outcome(manager.once(former.fd, IN));
        const [latter] = world.reopen(former);
        const joining = new Outcome(manager.once(latter.fd, IN));
        latter.makeReady();
        assert.equal(await waiting.code(), 'ERR_EM_NOT_REGISTERED');
        assert.equal(manager.wait(0), 1);
        assert.equal(await joining.value(), IN);
      },
    ),

    scenario('C24.11 a task that the poller refuses changes nothing for the others', ['one-shot'], async (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const waiting = new Outcome(manager.once(testFd, IN));
      const refusal = new Error('refused');
      world.poller.refuseNext('modify', refusal);
      assert.equal(await new Outcome(manager.once(testFd, PRIORITY)).error(), refusal);
      assert.equal(manager.wait(0), 1);
      assert.equal(await waiting.value(), IN);
    }),

    scenario('C24.12 delete() and close() settle every task of an fd', [], async (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const tasks = (): Outcome<unknown>[] => [
        new Outcome(manager.once(testFd, IN)),
        new Outcome(manager.on(testFd, PRIORITY).next()),
      ];
      const deleted = tasks();
      manager.delete(testFd.fd);
      for (const task of deleted) {
        assert.equal(await task.code(), 'ERR_EM_NOT_REGISTERED');
      }
      const closed = tasks();
      manager.close();
      for (const task of closed) {
        assert.equal(await task.code(), 'ERR_EM_CLOSED');
      }
    }),

    scenario(
      'C24.13 an event that its report consumes is not lost when another task comes or goes',
      ['one-shot', 'consumed'],
      async (world) => {
        const manager = world.manager();
        const testFd = world.consumingFd();
        const fired = new Outcome(manager.once(testFd.fd, PRIORITY));
        testFd.fire();
        const other = manager.on(testFd.fd, IN);
        void other.next();
        void other.return();
        assert.equal(manager.wait(LONG_ENOUGH_MS), 1);
        assert.equal((await fired.value()) & PRIORITY, PRIORITY);
      },
    ),

    scenario('C24.14 a timeout ends a wait, and never early', ['timeouts'], async (world) => {
      const manager = world.manager();
      const startMs = world.nowMs;
      const waiting = new Outcome(manager.once(world.testFd(), IN, { timeoutMs: 20 }));
      while (manager.nextDeadline < Number.POSITIVE_INFINITY) {
        manager.wait(LONG_ENOUGH_MS);
      }
      assert.ok(world.nowMs - startMs >= 20);
      assert.equal(await waiting.code(), 'ERR_EM_TIMEOUT');
      assert.equal(manager.size, 0);
    }),

    scenario(
      'C24.15 with throwIfTimedOut: false, an iteration yields undefined after a silence, and goes on',
      ['timeouts', 'one-shot'],
      async (world) => {
        const manager = world.manager();
        const testFd = world.readyFd();
        const iteration = manager.on(testFd, IN, { timeoutMs: 10, throwIfTimedOut: false });
        const yielded: unknown[] = [];
        for (let step = 0; step < 4; step++) {
          const next = new Outcome(iteration.next());
          do {
            manager.wait(LONG_ENOUGH_MS);
          } while (manager.lastWait.cause === 'interrupt');
          yielded.push((await next.value()).value);
          if (step === 0) {
            testFd.clear();
          } else if (step === 2) {
            testFd.makeReady();
          }
        }
        assert.deepEqual(yielded, [IN, undefined, undefined, IN]);
      },
    ),

    scenario('C24.16 whatever ends a step cancels its timeout', ['one-shot'], async (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const controller = new AbortController();
      const { signal } = controller;
      const iteration = manager.on(testFd, IN, { timeoutMs: LONG_ENOUGH_MS, signal });
      const step = new Outcome(iteration.next());
      assert.ok(manager.nextDeadline < Number.POSITIVE_INFINITY);
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(await step.value(), { done: false, value: IN });
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
      const aborted = new Outcome(iteration.next());
      controller.abort();
      assert.equal(manager.nextDeadline, Number.POSITIVE_INFINITY);
      assert.equal(await aborted.error(), signal.reason);
    }),
  ],
};
