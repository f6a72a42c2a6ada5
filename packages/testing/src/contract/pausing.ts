import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT, HANG_UP, EDGE_TRIGGERED, ONE_SHOT } = EventSet;
const IN_ONCE = IN | ONE_SHOT;
const IN_EDGE = (IN | EDGE_TRIGGERED) >>> 0;

/** C7: pausing and ONE_SHOT, resuming and re-arming. */
export const pausing: Section = {
  title: 'Pausing and re-arming',
  scenarios: [
    scenario('C7.1 a paused fd that is ready does not end a wait', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN, calls.callback);
      registration.pause();
      assert.equal(registration.paused, true);
      assert.equal(registration.active, true);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C7.2 resume() delivers the events that are true by then', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      registration.pause();
      testFd.makeReady();
      assert.equal(manager.wait(0), 0);
      registration.resume();
      assert.equal(registration.paused, false);
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN]);
    }),

    scenario('C7.3 HANG_UP of a paused fd does not end a wait, and resume() delivers it', ['hang-up'], (world) => {
      const manager = world.manager();
      const testFd = world.hangUpFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      registration.pause();
      testFd.hangUp();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      registration.resume();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [HANG_UP]);
    }),

    scenario('C7.4 a second pause() or resume() does nothing', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN, calls.callback);
      registration.pause();
      registration.pause();
      registration.resume();
      registration.resume();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.5 modify() of a paused registration takes effect when it is resumed', ['out'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN, calls.callback);
      registration.pause();
      registration.modify(OUT);
      assert.equal(registration.events, OUT);
      assert.equal(manager.wait(0), 0);
      registration.resume();
      manager.wait(0);
      assert.deepEqual(calls.events, [OUT]);
    }),

    scenario('C7.6 a paused registration keeps its number until it is deleted', [], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      registration.pause();
      assert.equal(manager.size, 1);
      assert.equal(manager.get(testFd.fd), registration);
      assert.throws(() => manager.add(testFd, IN, calls.callback), { code: 'ERR_EM_ALREADY_REGISTERED' });
      assert.equal(manager.delete(testFd.fd), true);
      manager.add(testFd, IN, calls.callback);
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.7 a callback that pauses itself is not called again', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      manager.add(
        world.readyFd(),
        IN,
        calls.and((_events, registration) => registration.pause()),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
    }),

    scenario('C7.8 a registration that an earlier callback of the batch pauses is not called', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const siblings = world.readyFds(2).map((testFd) =>
        manager.add(
          testFd,
          IN,
          calls.and((_events, registration) => siblings.find((other) => other !== registration)?.pause()),
        ),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(new Set(calls.fds).size, 1);
    }),

    scenario(
      'C7.9 a registration that an earlier callback of the batch pauses and resumes gets its edge once',
      ['edge-triggered'],
      (world) => {
        const manager = world.manager();
        const calls = new Calls();
        const siblings = world.readyFds(2).map((testFd) =>
          manager.add(
            testFd,
            IN_EDGE,
            calls.and((_events, registration) => {
              const other = siblings.find((one) => one !== registration);
              if (calls.count === 1) {
                other?.pause();
                other?.resume();
              }
            }),
          ),
        );
        const called = manager.wait(0) + manager.wait(0) + manager.wait(0);
        assert.equal(called, 2);
        assert.equal(new Set(calls.fds).size, 2);
      },
    ),

    scenario('C7.10 resume() is an edge if the fd is ready', ['edge-triggered'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN_EDGE, calls.callback);
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      registration.pause();
      registration.resume();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.11 a ONE_SHOT that has fired is silent until rearm()', ['one-shot'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN_ONCE, calls.callback);
      assert.equal(manager.wait(0), 1);
      testFd.makeReady();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      registration.rearm();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN, IN]);
      assert.equal(registration.events, IN_ONCE);
    }),

    scenario('C7.12 a ONE_SHOT that has fired is silent about HANG_UP too', ['one-shot', 'hang-up'], (world) => {
      const manager = world.manager();
      const testFd = world.hangUpFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN_ONCE, calls.callback);
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      testFd.hangUp();
      assert.equal(manager.wait(0), 0);
      registration.rearm();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN, IN | HANG_UP]);
    }),

    scenario('C7.13 modify() re-arms a ONE_SHOT', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN_ONCE, calls.callback);
      manager.wait(0);
      registration.modify(IN_ONCE);
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C7.14 a ONE_SHOT that is re-armed while it is not ready fires when it is', ['one-shot'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN_ONCE, calls.callback);
      manager.wait(0);
      testFd.clear();
      registration.rearm();
      assert.equal(manager.wait(0), 0);
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.15 a ONE_SHOT that is re-armed in its callback fires in the next wait', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      manager.add(
        world.readyFd(),
        IN_ONCE,
        calls.and((_events, registration) => registration.rearm()),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 2);
    }),

    scenario(
      'C7.16 a ONE_SHOT fires once per arming, even if it is re-armed while its event is in the batch',
      ['one-shot'],
      (world) => {
        const manager = world.manager();
        const calls = new Calls();
        const siblings = world.readyFds(2).map((testFd) =>
          manager.add(
            testFd,
            IN_ONCE,
            calls.and((_events, registration) => {
              if (calls.count === 1) {
                siblings.find((other) => other !== registration)?.rearm();
              }
            }),
          ),
        );
        const called = manager.wait(0) + manager.wait(0) + manager.wait(0);
        assert.equal(called, 2);
        assert.equal(new Set(calls.fds).size, 2);
      },
    ),

    scenario('C7.17 a ONE_SHOT that has fired is still registered', ['one-shot'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      manager.add(testFd, IN_ONCE, calls.callback);
      manager.wait(0);
      assert.equal(manager.size, 1);
      assert.throws(() => manager.add(testFd, IN, calls.callback), { code: 'ERR_EM_ALREADY_REGISTERED' });
      assert.equal(manager.wait(0), 0, 'a second add() does not arm it');
    }),

    scenario(
      'C7.18 an edge-triggered ONE_SHOT that has fired is silent at a new edge',
      ['edge-triggered', 'one-shot'],
      (world) => {
        const manager = world.manager();
        const testFd = world.readyFd();
        const calls = new Calls();
        const registration = manager.add(testFd, (IN_EDGE | ONE_SHOT) >>> 0, calls.callback);
        assert.equal(manager.wait(0), 1);
        testFd.makeReady();
        assert.equal(manager.wait(0), 0);
        registration.rearm();
        assert.equal(manager.wait(0), 1);
      },
    ),

    scenario('C7.19 modify() changes level-triggered to ONE_SHOT and back', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN, calls.callback);
      assert.equal(manager.wait(0) + manager.wait(0), 2);
      registration.modify(IN_ONCE);
      assert.equal(manager.wait(0) + manager.wait(0), 1);
      registration.modify(EMPTY);
      assert.equal(manager.wait(0) + manager.wait(0), 0);
      registration.modify(IN);
      assert.equal(manager.wait(0) + manager.wait(0), 2);
    }),

    scenario('C7.20 pause() and resume() do not re-arm a ONE_SHOT that has fired', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN_ONCE, calls.callback);
      assert.equal(manager.wait(0), 1);
      registration.pause();
      registration.resume();
      assert.equal(manager.wait(0), 0);
      registration.rearm();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.21 rearm() of a paused registration takes effect when it is resumed', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.readyFd(), IN_ONCE, calls.callback);
      assert.equal(manager.wait(0), 1);
      registration.pause();
      registration.rearm();
      assert.equal(manager.wait(0), 0);
      registration.resume();
      assert.equal(manager.wait(0), 1);
    }),
  ],
};
