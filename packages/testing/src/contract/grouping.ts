import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN } = EventSet;

/** C19: registrations that end together. */
export const grouping: Section = {
  title: 'Grouping',
  scenarios: [
    scenario('C19.1 close() ends the registrations of the group, and no others', [], (world) => {
      const manager = world.manager();
      const group = manager.group();
      const [a, b, other] = world.readyFds(3);
      const calls = new Calls();
      group.add(a, IN, calls.callback);
      group.add(b, IN, calls.callback);
      manager.add(other, IN, calls.callback);
      assert.equal(manager.wait(0), 3);
      assert.equal(group.size, 2);
      group.close();
      group.close();
      assert.equal(group.size, 0);
      assert.equal(manager.size, 1);
      calls.clear();
      manager.wait(0);
      assert.deepEqual(calls.fds, [other.fd]);
    }),

    scenario(
      'C19.2 a group that a callback closes gets no more calls, not even for events in the batch',
      [],
      (world) => {
        const manager = world.manager();
        const group = manager.group();
        const calls = new Calls();
        for (const testFd of world.readyFds(3)) {
          group.add(
            testFd,
            IN,
            calls.and(() => group.close()),
          );
        }
        assert.equal(manager.wait(0), 1);
        assert.equal(manager.lastWait.stale, 2);
        assert.equal(manager.size, 0);
      },
    ),

    scenario('C19.3 a registration that ends on its own leaves its group', [], (world) => {
      const manager = world.manager();
      const group = manager.group();
      const registration = group.add(world.testFd(), IN, new Calls().callback);
      assert.deepEqual([...group], [registration]);
      registration.delete();
      assert.deepEqual([...group], []);
    }),

    scenario('C19.4 a refused add() leaves the group as it was', [], (world) => {
      const manager = world.manager();
      const group = manager.group();
      const testFd = world.testFd();
      world.poller.refuseNext('add', new Error('no'));
      assert.throws(() => group.add(testFd, IN, new Calls().callback), /^Error: no$/);
      assert.equal(group.size, 0);
      group.add(testFd, IN, new Calls().callback);
      assert.equal(group.size, 1);
    }),

    scenario('C19.5 a closed group refuses registrations', [], (world) => {
      const manager = world.manager();
      const group = manager.group();
      group.close();
      assert.throws(() => group.add(world.testFd(), IN, new Calls().callback), { code: 'ERR_EM_CLOSED' });
      assert.equal(manager.size, 0);
    }),
  ],
};
