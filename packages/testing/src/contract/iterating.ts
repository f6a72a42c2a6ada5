import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { type Section, scenario } from './scenario.js';

const { IN, EDGE_TRIGGERED } = EventSet;

/** C15: one callback per step of `dispatch`. */
export const iterating: Section = {
  title: 'Iterating',
  scenarios: [
    scenario('C15.1 dispatch() yields the results of the callbacks, in the order of the calls', [], (world) => {
      const manager = world.manager();
      const called: number[] = [];
      for (const testFd of world.readyFds(3)) {
        manager.add(testFd, IN, (_events, { fd }) => {
          called.push(fd);
          return fd * 2;
        });
      }
      assert.deepEqual(
        [...manager.dispatch(0)],
        called.map((fd) => fd * 2),
      );
      assert.equal(called.length, 3);
    }),

    scenario('C15.2 dispatch() calls a callback only when its step is requested', [], (world) => {
      const manager = world.manager();
      let called = 0;
      for (const testFd of world.readyFds(2)) {
        manager.add(testFd, IN, () => void called++);
      }
      const iterator = manager.dispatch(0);
      assert.equal(world.poller.calls.wait, 0);
      iterator.next();
      assert.equal(called, 1);
      iterator.next();
      assert.equal(called, 2);
      assert.equal(iterator.next().done, true);
      assert.equal(iterator.next().done, true);
      assert.equal(called, 2);
    }),

    scenario(
      'C15.3 a loop that breaks off leaves the rest to the next wait, edges included',
      ['edge-triggered'],
      (world) => {
        const manager = world.manager();
        const called: number[] = [];
        const testFds = world.readyFds(3);
        for (const testFd of testFds) {
          manager.add(testFd, IN | EDGE_TRIGGERED, (_events, { fd }) => called.push(fd));
        }
        for (const count of manager.dispatch(0)) {
          assert.equal(count, 1);
          break;
        }
        assert.equal(manager.wait(0), 2);
        assert.equal(world.poller.calls.wait, 1);
        assert.deepEqual(
          called.sort((a, b) => a - b),
          testFds.map(({ fd }) => fd),
        );
      },
    ),

    scenario('C15.4 dispatch() yields nothing if nothing is ready', [], (world) => {
      const manager = world.manager();
      manager.add(world.testFd(), IN, () => 1);
      assert.deepEqual([...manager.dispatch(0)], []);
    }),

    scenario('C15.5 a step throws the error of its callback, and the next wait delivers the rest', [], (world) => {
      const manager = world.manager();
      let called = 0;
      for (const testFd of world.readyFds(3)) {
        manager.add(testFd, IN, () => {
          called++;
          if (called === 2) {
            throw new Error('second');
          }
        });
      }
      assert.throws(() => [...manager.dispatch(0)], /^Error: second$/);
      assert.equal(manager.wait(0), 1);
      assert.equal(called, 3);
    }),

    scenario('C15.6 a registration that is deleted between two steps is not called', [], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(3);
      const called: number[] = [];
      for (const testFd of testFds) {
        manager.add(testFd, IN, (_events, { fd }) => called.push(fd));
      }
      for (const _ of manager.dispatch(0)) {
        for (const { fd } of testFds.filter((testFd) => !called.includes(testFd.fd))) {
          manager.delete(fd);
        }
      }
      assert.equal(called.length, 1);
      assert.equal(manager.lastWait.stale, 2);
    }),

    scenario('C15.7 a callback whose error went to onError yields nothing', [], (world) => {
      const manager = world.manager({ onError: () => undefined });
      let called = 0;
      for (const testFd of world.readyFds(3)) {
        manager.add(testFd, IN, () => {
          called++;
          if (called === 2) {
            throw new Error('second');
          }
          return called;
        });
      }
      assert.deepEqual([...manager.dispatch(0)], [1, 3]);
    }),
  ],
};
