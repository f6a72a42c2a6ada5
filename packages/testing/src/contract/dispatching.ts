import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './calls.js';
import { type Section, scenario } from './scenario.js';

const { IN, OUT, HANG_UP, EDGE_TRIGGERED } = EventSet;
const IN_EDGE = (IN | EDGE_TRIGGERED) >>> 0;

/** C8: whose callback is called, with what, and that it may do anything. */
export const dispatching: Section = {
  title: 'Dispatching',
  scenarios: [
    scenario('C8.1 the callback gets the events and its registration', [], (world) => {
      const manager = world.manager();
      const seen: unknown[] = [];
      const registration = manager.add(world.ready(), IN, (events, its) => void seen.push(events, its));
      manager.wait(0);
      assert.equal(seen.length, 2);
      assert.equal(seen[0], IN);
      assert.equal(seen[1], registration);
    }),

    scenario('C8.2 of a hundred fds, those that are ready are served, and no other', [], (world) => {
      const manager = world.manager();
      const sources = world.sources(100);
      const calls = new Calls();
      for (const source of sources) {
        manager.add(source, IN, calls.callback);
      }
      const armed = sources.filter((_source, index) => [3, 41, 42, 99].includes(index));
      for (const source of armed) {
        source.makeReady();
      }
      assert.equal(manager.wait(0), 4);
      assert.deepEqual(
        calls.sortedFds,
        armed.map(({ fd }) => fd),
      );
      for (const source of armed) {
        source.clear();
      }
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C8.3 one callback may serve many fds, a hundred waits long', [], (world) => {
      const manager = world.manager();
      const served = new Map<number, number>();
      const sources = world.readySources(4);
      for (const source of sources) {
        manager.add(source, IN, (_events, { fd }) => void served.set(fd, (served.get(fd) ?? 0) + 1));
      }
      for (let round = 0; round < 100; round++) {
        assert.equal(manager.wait(0), 4);
      }
      assert.deepEqual(
        sources.map(({ fd }) => served.get(fd)),
        [100, 100, 100, 100],
      );
    }),

    scenario('C8.4 level-triggered, it is called for as long as it is ready', [], (world) => {
      const manager = world.manager();
      const source = world.source();
      const calls = new Calls();
      manager.add(source, IN, calls.callback);
      assert.equal(manager.wait(0), 0);
      source.makeReady();
      assert.equal(manager.wait(0) + manager.wait(0) + manager.wait(0), 3);
      source.clear();
      assert.equal(manager.wait(0), 0);
    }),

    scenario(
      'C8.5 edge-triggered, it is called once an edge; modify() shows what is ready again',
      ['edge-triggered'],
      (world) => {
        const manager = world.manager();
        const source = world.source();
        const calls = new Calls();
        const registration = manager.add(source, IN_EDGE, calls.callback);
        source.makeReady();
        assert.equal(manager.wait(0) + manager.wait(0), 1);
        source.clear();
        source.makeReady();
        assert.equal(manager.wait(0) + manager.wait(0), 1);
        registration.modify(IN_EDGE);
        assert.equal(manager.wait(0) + manager.wait(0), 1);
      },
    ),

    scenario('C8.6 a callback may delete its own registration', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(
        world.ready(),
        IN,
        calls.and((_events, its) => void its.delete()),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      assert.equal(registration.active, false);
      assert.equal(manager.size, 0);
    }),

    scenario('C8.7 a callback may modify its own interest', ['out'], (world) => {
      const manager = world.manager();
      const source = world.source();
      const calls = new Calls();
      manager.add(
        source,
        OUT,
        calls.and((_events, registration) => registration.modify(IN)),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      source.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [OUT, IN]);
    }),

    scenario('C8.8 a callback may close its own fd', ['closing'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      manager.add(
        source,
        IN,
        calls.and(() => source.close()),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.delete(source.fd), true);
    }),

    scenario('C8.9 HANG_UP is delivered until it is acted on', ['hang-up'], (world) => {
      const manager = world.manager();
      const source = world.hangUpSource();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
      source.hangUp();
      assert.equal(manager.wait(0) + manager.wait(0) + manager.wait(0), 3);
      assert.deepEqual(calls.events, [HANG_UP, HANG_UP, HANG_UP]);
      registration.delete();
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C8.10 who deletes at HANG_UP hears it once, the others go on hearing it', ['hang-up'], (world) => {
      const manager = world.manager();
      const [deaf, polite] = [world.hangUpSource(), world.hangUpSource()];
      const calls = new Calls();
      manager.add(deaf, IN, calls.callback);
      manager.add(
        polite,
        IN,
        calls.and((_events, registration) => void registration.delete()),
      );
      deaf.hangUp();
      polite.hangUp();
      assert.equal(manager.wait(0), 2);
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(
        calls.fds.filter((fd) => fd === polite.fd),
        [polite.fd],
      );
    }),
  ],
};
