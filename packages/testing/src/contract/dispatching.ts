import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN, OUT, HANG_UP, EDGE_TRIGGERED } = EventSet;
const IN_EDGE = (IN | EDGE_TRIGGERED) >>> 0;

/** C8: which callbacks are called, with which arguments, and what a callback may do. */
export const dispatching: Section = {
  title: 'Dispatching',
  scenarios: [
    scenario('C8.1 the callback gets the events and its registration', [], (world) => {
      const manager = world.manager();
      const seen: unknown[] = [];
      const registration = manager.add(world.readyFd(), IN, (events, its) => void seen.push(events, its));
      manager.wait(0);
      assert.equal(seen.length, 2);
      assert.equal(seen[0], IN);
      assert.equal(seen[1], registration);
    }),

    scenario('C8.2 of a hundred fds, only those that are ready get a call', [], (world) => {
      const manager = world.manager();
      const testFds = world.testFds(100);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(testFd, IN, calls.callback);
      }
      const armed = testFds.filter((_testFd, index) => [3, 41, 42, 99].includes(index));
      for (const testFd of armed) {
        testFd.makeReady();
      }
      assert.equal(manager.wait(0), 4);
      assert.deepEqual(
        calls.sortedFds,
        armed.map(({ fd }) => fd),
      );
      for (const testFd of armed) {
        testFd.clear();
      }
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C8.3 one callback serves several fds over a hundred waits', [], (world) => {
      const manager = world.manager();
      const served = new Map<number, number>();
      const testFds = world.readyFds(4);
      for (const testFd of testFds) {
        manager.add(testFd, IN, (_events, { fd }) => void served.set(fd, (served.get(fd) ?? 0) + 1));
      }
      for (let round = 0; round < 100; round++) {
        assert.equal(manager.wait(0), 4);
      }
      assert.deepEqual(
        testFds.map(({ fd }) => served.get(fd)),
        [100, 100, 100, 100],
      );
    }),

    scenario('C8.4 a level-triggered callback is called as long as its fd is ready', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const calls = new Calls();
      manager.add(testFd, IN, calls.callback);
      assert.equal(manager.wait(0), 0);
      testFd.makeReady();
      assert.equal(manager.wait(0) + manager.wait(0) + manager.wait(0), 3);
      testFd.clear();
      assert.equal(manager.wait(0), 0);
    }),

    scenario(
      'C8.5 an edge-triggered callback is called once per edge, and again after modify() if its fd is ready',
      ['edge-triggered'],
      (world) => {
        const manager = world.manager();
        const testFd = world.testFd();
        const calls = new Calls();
        const registration = manager.add(testFd, IN_EDGE, calls.callback);
        testFd.makeReady();
        assert.equal(manager.wait(0) + manager.wait(0), 1);
        testFd.clear();
        testFd.makeReady();
        assert.equal(manager.wait(0) + manager.wait(0), 1);
        registration.modify(IN_EDGE);
        assert.equal(manager.wait(0) + manager.wait(0), 1);
      },
    ),

    scenario('C8.6 a callback may delete its own registration', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(
        world.readyFd(),
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
      const testFd = world.testFd();
      const calls = new Calls();
      manager.add(
        testFd,
        OUT,
        calls.and((_events, registration) => registration.modify(IN)),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      testFd.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [OUT, IN]);
    }),

    scenario('C8.8 a callback may close its own fd', ['closing'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      manager.add(
        testFd,
        IN,
        calls.and(() => testFd.close()),
      );
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.delete(testFd.fd), true);
    }),

    scenario('C8.9 HANG_UP is delivered to every wait until the registration is deleted', ['hang-up'], (world) => {
      const manager = world.manager();
      const testFd = world.hangUpFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      testFd.hangUp();
      assert.equal(manager.wait(0) + manager.wait(0) + manager.wait(0), 3);
      assert.deepEqual(calls.events, [HANG_UP, HANG_UP, HANG_UP]);
      registration.delete();
      assert.equal(manager.wait(0), 0);
    }),

    scenario(
      'C8.10 a callback that deletes its registration at HANG_UP gets it once, other callbacks keep getting it',
      ['hang-up'],
      (world) => {
        const manager = world.manager();
        const [deaf, polite] = [world.hangUpFd(), world.hangUpFd()];
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
      },
    ),
  ],
};
