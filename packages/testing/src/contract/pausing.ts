import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './calls.js';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT, HANG_UP, EDGE_TRIGGERED, ONE_SHOT } = EventSet;
const IN_ONCE = IN | ONE_SHOT;
const IN_EDGE = (IN | EDGE_TRIGGERED) >>> 0;

/** C7: silence on order, and its end. */
export const pausing: Section = {
  title: 'Pausing and re-arming',
  scenarios: [
    scenario('C7.1 paused, a ready fd makes no wake-up at all', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN, calls.callback);
      registration.pause();
      assert.equal(registration.paused, true);
      assert.equal(registration.active, true);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C7.2 resume() delivers what is ready by then', [], (world) => {
      const manager = world.manager();
      const source = world.source();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
      registration.pause();
      source.makeReady();
      assert.equal(manager.wait(0), 0);
      registration.resume();
      assert.equal(registration.paused, false);
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN]);
    }),

    scenario('C7.3 paused, not even HANG_UP makes a wake-up; resume() delivers it', ['hang-up'], (world) => {
      const manager = world.manager();
      const source = world.hangUpSource();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
      registration.pause();
      source.hangUp();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      registration.resume();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [HANG_UP]);
    }),

    scenario('C7.4 pausing twice is pausing once, and so is resuming', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN, calls.callback);
      registration.pause();
      registration.pause();
      registration.resume();
      registration.resume();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.5 modify() of a paused registration takes effect when it is resumed', ['out'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN, calls.callback);
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
      const source = world.ready();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
      registration.pause();
      assert.equal(manager.size, 1);
      assert.equal(manager.get(source.fd), registration);
      assert.throws(() => manager.add(source, IN, calls.callback), { code: 'ERR_EM_ALREADY_REGISTERED' });
      assert.equal(manager.delete(source.fd), true);
      manager.add(source, IN, calls.callback);
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.7 a callback that pauses itself is not called again', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      manager.add(
        world.ready(),
        IN,
        calls.and((_events, registration) => registration.pause()),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
    }),

    scenario('C7.8 a sibling that is paused in the batch is not called in it', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const siblings = world.readySources(2).map((source) =>
        manager.add(
          source,
          IN,
          calls.and((_events, registration) => siblings.find((other) => other !== registration)?.pause()),
        ),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(new Set(calls.fds).size, 1);
    }),

    scenario(
      'C7.9 a sibling that is paused and resumed in the batch gets its edge once',
      ['edge-triggered'],
      (world) => {
        const manager = world.manager();
        const calls = new Calls();
        const siblings = world.readySources(2).map((source) =>
          manager.add(
            source,
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

    scenario('C7.10 resume() is an edge when there is something to deliver', ['edge-triggered'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN_EDGE, calls.callback);
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      registration.pause();
      registration.resume();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.11 a ONE_SHOT that has fired is silent until rearm()', ['one-shot'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const registration = manager.add(source, IN_ONCE, calls.callback);
      assert.equal(manager.wait(0), 1);
      source.makeReady();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
      registration.rearm();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN, IN]);
      assert.equal(registration.events, IN_ONCE);
    }),

    scenario('C7.12 it is silent about HANG_UP too', ['one-shot', 'hang-up'], (world) => {
      const manager = world.manager();
      const source = world.hangUpSource();
      const calls = new Calls();
      const registration = manager.add(source, IN_ONCE, calls.callback);
      source.makeReady();
      assert.equal(manager.wait(0), 1);
      source.hangUp();
      assert.equal(manager.wait(0), 0);
      registration.rearm();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [IN, IN | HANG_UP]);
    }),

    scenario('C7.13 modify() re-arms as well', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN_ONCE, calls.callback);
      manager.wait(0);
      registration.modify(IN_ONCE);
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C7.14 re-armed with nothing ready, it fires when something is', ['one-shot'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const registration = manager.add(source, IN_ONCE, calls.callback);
      manager.wait(0);
      source.clear();
      registration.rearm();
      assert.equal(manager.wait(0), 0);
      source.makeReady();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.15 re-armed in its own callback, it is served by the next wait', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      manager.add(
        world.ready(),
        IN_ONCE,
        calls.and((_events, registration) => registration.rearm()),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 2);
    }),

    scenario(
      'C7.16 each arming is served once, though it was re-armed with its event in the batch',
      ['one-shot'],
      (world) => {
        const manager = world.manager();
        const calls = new Calls();
        const siblings = world.readySources(2).map((source) =>
          manager.add(
            source,
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
      const source = world.ready();
      const calls = new Calls();
      manager.add(source, IN_ONCE, calls.callback);
      manager.wait(0);
      assert.equal(manager.size, 1);
      assert.throws(() => manager.add(source, IN, calls.callback), { code: 'ERR_EM_ALREADY_REGISTERED' });
      assert.equal(manager.wait(0), 0, 'and a second add() does not arm it');
    }),

    scenario(
      'C7.18 edge-triggered and ONE_SHOT, it is silent at a new edge, too',
      ['edge-triggered', 'one-shot'],
      (world) => {
        const manager = world.manager();
        const source = world.ready();
        const calls = new Calls();
        const registration = manager.add(source, (IN_EDGE | ONE_SHOT) >>> 0, calls.callback);
        assert.equal(manager.wait(0), 1);
        source.makeReady();
        assert.equal(manager.wait(0), 0);
        registration.rearm();
        assert.equal(manager.wait(0), 1);
      },
    ),

    scenario('C7.19 from level-triggered to ONE_SHOT and back', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN, calls.callback);
      assert.equal(manager.wait(0) + manager.wait(0), 2);
      registration.modify(IN_ONCE);
      assert.equal(manager.wait(0) + manager.wait(0), 1);
      registration.modify(EMPTY);
      assert.equal(manager.wait(0) + manager.wait(0), 0);
      registration.modify(IN);
      assert.equal(manager.wait(0) + manager.wait(0), 2);
    }),

    scenario('C7.20 pause() and resume() do not re-arm what has fired', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN_ONCE, calls.callback);
      assert.equal(manager.wait(0), 1);
      registration.pause();
      registration.resume();
      assert.equal(manager.wait(0), 0);
      registration.rearm();
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C7.21 rearm() of a paused one takes effect when it is resumed', ['one-shot'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN_ONCE, calls.callback);
      assert.equal(manager.wait(0), 1);
      registration.pause();
      registration.rearm();
      assert.equal(manager.wait(0), 0);
      registration.resume();
      assert.equal(manager.wait(0), 1);
    }),
  ],
};
