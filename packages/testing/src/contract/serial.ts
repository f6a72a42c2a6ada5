import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { AsyncCalls, Calls } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN, OUT, HANG_UP, PRIORITY, EDGE_TRIGGERED, ONE_SHOT } = EventSet;
const IN_ONCE = IN | ONE_SHOT;
const IN_EDGE = (IN | EDGE_TRIGGERED) >>> 0;
const SERIAL = { serial: true };
const NO_CALLS = { add: 0, modify: 0, delete: 0, wait: 0, wake: 0, rebuild: 0, close: 0 };

/** C22: one call of an async callback at a time. */
export const serial: Section = {
  title: 'One call at a time',
  scenarios: [
    scenario('C22.1 a callback is not called again before its promise has settled', [], async (world) => {
      const manager = world.manager();
      const calls = new AsyncCalls();
      const registration = manager.add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
      assert.equal(registration.pending, false);
      assert.equal(manager.wait(0), 1);
      assert.equal(registration.pending, true);
      assert.equal(registration.paused, false);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      await calls.fulfil();
      assert.equal(registration.pending, false);
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 2);
    }),

    scenario('C22.2 an event that comes while the promise is pending is delivered afterwards', [], async (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new AsyncCalls();
      manager.add(testFd, IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      testFd.clear();
      await calls.fulfil();
      assert.equal(manager.wait(0), 0);
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      testFd.clear();
      testFd.makeReady();
      assert.equal(manager.wait(0), 0);
      await calls.fulfil();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN, IN, IN]);
    }),

    scenario('C22.3 HANG_UP does not end a wait while the promise is pending', ['hang-up'], async (world) => {
      const manager = world.manager();
      const testFd = world.hangUpFd();
      const calls = new AsyncCalls();
      testFd.makeReady();
      manager.add(testFd, IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      testFd.hangUp();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      await calls.fulfil();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN, IN | HANG_UP]);
    }),

    scenario(
      'C22.4 an edge that comes while the promise is pending is delivered afterwards, once',
      ['edge-triggered'],
      async (world) => {
        const manager = world.manager();
        const testFd = world.readyFd();
        const calls = new AsyncCalls();
        manager.add(testFd, IN_EDGE, calls.asyncCallback, SERIAL);
        assert.equal(manager.wait(0), 1);
        testFd.makeReady();
        assert.equal(manager.wait(0), 0);
        testFd.makeReady();
        await calls.fulfil();
        assert.equal(manager.wait(0) + manager.wait(0), 1);
        await calls.fulfil();
        assert.equal(manager.wait(0), 1, 'the second edge had not been reported yet');
        await calls.fulfil();
        assert.equal(manager.wait(0), 0);
        assert.deepEqual(calls.events, [IN, IN, IN]);
      },
    ),

    scenario(
      'C22.5 the end of the promise is no edge, although the fd is ready',
      ['edge-triggered', 'out'],
      async (world) => {
        const manager = world.manager();
        const calls = new AsyncCalls();
        manager.add(world.readyFd(), (IN | OUT | EDGE_TRIGGERED) >>> 0, calls.asyncCallback, SERIAL);
        assert.equal(manager.wait(0), 1);
        await calls.fulfil();
        assert.equal(manager.wait(0), 0);
        assert.deepEqual(calls.events, [IN | OUT]);
      },
    ),

    scenario(
      'C22.6 edges of more fds than the batch holds are all delivered afterwards',
      ['edge-triggered'],
      async (world) => {
        const manager = world.manager({ capacity: 2 });
        const testFds = world.readyFds(5);
        const calls = testFds.map((testFd) => {
          const ofOne = new AsyncCalls();
          manager.add(testFd, IN_EDGE, ofOne.asyncCallback, SERIAL);
          return ofOne;
        });
        const waitForAll = (): number => manager.wait(0) + manager.wait(0) + manager.wait(0) + manager.wait(0);
        assert.equal(waitForAll(), 5);
        for (const testFd of testFds) {
          testFd.makeReady();
        }
        assert.equal(waitForAll(), 0);
        for (const ofOne of calls) {
          await ofOne.fulfil();
        }
        assert.equal(waitForAll(), 5);
        assert.deepEqual(
          calls.map(({ count }) => count),
          [2, 2, 2, 2, 2],
        );
        assert.equal(world.poller.calls.rebuild, 0);
      },
    ),

    scenario(
      'C22.7 a ONE_SHOT that has fired stays silent when the promise has settled, and rearm() waits for that',
      ['one-shot'],
      async (world) => {
        const manager = world.manager();
        const calls = new AsyncCalls();
        const registration = manager.add(world.readyFd(), IN_ONCE, calls.asyncCallback, SERIAL);
        assert.equal(manager.wait(0), 1);
        await calls.fulfil();
        assert.equal(manager.wait(0), 0);
        registration.rearm();
        assert.equal(manager.wait(0), 1);
        registration.rearm();
        assert.equal(manager.wait(0), 0);
        await calls.fulfil();
        assert.equal(manager.wait(0), 1);
        assert.equal(calls.count, 3);
      },
    ),

    scenario('C22.8 modify() takes effect when the promise has settled', ['out'], async (world) => {
      const manager = world.manager();
      const calls = new AsyncCalls();
      const registration = manager.add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      registration.modify(OUT);
      assert.equal(registration.events, OUT);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      await calls.fulfil();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN, OUT]);
    }),

    scenario(
      'C22.9 modify() of an edge-triggered registration takes effect when the promise has settled',
      ['edge-triggered', 'out'],
      async (world) => {
        const manager = world.manager();
        const calls = new AsyncCalls();
        const testFd = world.readyFd();
        const registration = manager.add(testFd, IN_EDGE, calls.asyncCallback, SERIAL);
        assert.equal(manager.wait(0), 1);
        registration.modify(OUT);
        testFd.makeReady();
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.ready, 0);
        await calls.fulfil();
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(calls.events, [IN, OUT]);
      },
    ),

    scenario('C22.10 a pause outlasts the promise, and resume() does not end the wait for it', [], async (world) => {
      const manager = world.manager();
      const calls = new AsyncCalls();
      const registration = manager.add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      registration.pause();
      assert.equal(registration.paused, true);
      registration.resume();
      assert.equal(registration.paused, false);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      registration.pause();
      await calls.fulfil();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      registration.resume();
      assert.equal(manager.wait(0), 1);
      registration.pause();
      registration.resume();
      await calls.fulfil();
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 3);
    }),

    scenario('C22.11 a registration that is deleted while the promise is pending stays deleted', [], async (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new AsyncCalls();
      const registration = manager.add(testFd, IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      registration.delete();
      const newcomer = new Calls();
      manager.add(testFd, IN, newcomer.callback);
      await calls.fulfil();
      assert.equal(registration.active, false);
      assert.equal(manager.wait(0), 1);
      assert.deepEqual([calls.count, newcomer.count], [1, 1]);
    }),

    scenario(
      'C22.12 an edge that came while the promise was pending is dropped if the registration is deleted or paused',
      ['edge-triggered'],
      async (world) => {
        const manager = world.manager();
        const calls = new AsyncCalls();
        const testFds = world.readyFds(2);
        const [deleted, paused] = testFds.map((testFd) => manager.add(testFd, IN_EDGE, calls.asyncCallback, SERIAL));
        assert.equal(manager.wait(0), 2);
        for (const testFd of testFds) {
          testFd.makeReady();
        }
        assert.equal(manager.wait(0), 0);
        await calls.fulfil();
        await calls.fulfil();
        deleted?.delete();
        paused?.pause();
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.ready, 0);
        assert.equal(calls.count, 2);
      },
    ),

    scenario('C22.13 close() while the promise is pending ends everything', [], async (world) => {
      const manager = world.manager();
      const calls = new AsyncCalls();
      const registration = manager.add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      manager.close();
      await calls.fulfil();
      assert.equal(registration.active, false);
      assert.equal(world.poller.calls.add, 1);
    }),

    scenario(
      'C22.14 the next wait throws what the promise rejects with, and the one after goes on',
      [],
      async (world) => {
        const manager = world.manager();
        const calls = new AsyncCalls();
        manager.add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
        assert.equal(manager.wait(0), 1);
        const error = new Error('late');
        await calls.reject(error);
        assert.throws(
          () => manager.wait(0),
          (thrown) => thrown === error,
        );
        assert.equal(manager.wait(0), 1);
        assert.equal(calls.count, 2);
      },
    ),

    scenario('C22.15 onError gets what the promise rejects with, and the next wait goes on', [], async (world) => {
      const handled: unknown[] = [];
      const manager = world.manager({ onError: (error) => void handled.push(error) });
      const calls = new AsyncCalls();
      manager.add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      const error = new Error('late');
      await calls.reject(error);
      assert.deepEqual(handled, [error]);
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C22.16 a callback that returns no promise, or throws, is called again by the next wait', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const error = new Error('second');
      const throwSecond = (): void => {
        if (calls.count === 2) {
          throw error;
        }
      };
      manager.add(world.readyFd(), IN, calls.and(throwSecond), SERIAL);
      assert.equal(manager.wait(0), 1);
      assert.throws(
        () => manager.wait(0),
        (thrown) => thrown === error,
      );
      assert.equal(manager.wait(0), 1);
      assert.deepEqual({ ...world.poller.calls, wait: 0 }, { ...NO_CALLS, add: 1 });
    }),

    scenario('C22.17 a wait inside the callback does not call it again', [], async (world) => {
      const manager = world.manager();
      const calls = new AsyncCalls();
      let nested = 0;
      const waiting: typeof calls.asyncCallback = (events, registration) => {
        nested += manager.wait(0) + manager.wait(0);
        assert.equal(manager.lastWait.ready, 0);
        return calls.asyncCallback(events, registration);
      };
      manager.add(world.readyFd(), IN, waiting, SERIAL);
      assert.equal(manager.wait(0), 1);
      assert.equal(nested, 0);
      assert.equal(manager.lastWait.dispatched, 1);
      await calls.fulfil();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C22.18 if the poller refuses the fd afterwards, the registration is paused', [], async (world) => {
      const handled: unknown[] = [];
      const manager = world.manager({ onError: (error) => void handled.push(error) });
      const calls = new AsyncCalls();
      const registration = manager.add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0), 1);
      const refusal = new Error('refused');
      world.poller.refuseNext('add', refusal);
      await calls.fulfil();
      assert.deepEqual(handled, [refusal]);
      assert.equal(registration.paused, true);
      registration.resume();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C22.19 a group takes serial registrations too', [], async (world) => {
      const manager = world.manager();
      const calls = new AsyncCalls();
      manager.group().add(world.readyFd(), IN, calls.asyncCallback, SERIAL);
      assert.equal(manager.wait(0) + manager.wait(0), 1);
      await calls.fulfil();
      assert.equal(manager.wait(0), 1);
    }),

    scenario(
      'C22.20 an event that its report consumes is not lost while the promise is pending',
      ['consumed', 'edge-triggered'],
      async (world) => {
        const manager = world.manager();
        const testFd = world.consumingFd();
        const calls = new AsyncCalls();
        manager.add(testFd, (PRIORITY | EDGE_TRIGGERED) >>> 0, calls.asyncCallback, SERIAL);
        testFd.fire();
        assert.equal(manager.wait(0), 1);
        testFd.fire();
        assert.equal(manager.wait(0), 0);
        await calls.fulfil();
        assert.equal(manager.wait(0), 1);
      },
    ),

    scenario(
      'C22.21 an event in the batch does not reach a pending registration that a callback of the batch modifies',
      ['edge-triggered'],
      async (world) => {
        const manager = world.manager();
        const calls = new AsyncCalls();
        const [first, second] = world.testFds(2);
        manager.add(first, IN_EDGE, () => registration.modify(IN_EDGE));
        const registration = manager.add(second, IN_EDGE, calls.asyncCallback, SERIAL);
        second.makeReady();
        assert.equal(manager.wait(0), 1);
        first.makeReady();
        second.makeReady();
        assert.equal(manager.wait(0), 1);
        assert.equal(calls.count, 1);
        await calls.fulfil();
        assert.equal(manager.wait(0), 1);
        assert.equal(calls.count, 2);
      },
    ),
  ],
};
