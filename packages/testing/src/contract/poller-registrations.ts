import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN } = EventSet;
const MAX_GENERATION = 0xffff_ffff;

/** P1 to P3: what `Poller` promises about registrations. Tests the poller without a manager. */
export const pollerRegistrations: Section = {
  title: 'Poller: registrations',
  scenarios: [
    scenario('P1.1 every event has the generation that was set for its fd', [], (world) => {
      const [a, b, c] = world.readyFds(3);
      world.poller.add(a.fd, IN, 7);
      world.poller.add(b.fd, IN, 1);
      world.poller.add(c.fd, IN, MAX_GENERATION);
      const reported = world.poll().entries.sort((one, other) => one.fd - other.fd);
      assert.deepEqual(reported, [
        { fd: a.fd, events: IN, generation: 7 },
        { fd: b.fd, events: IN, generation: 1 },
        { fd: c.fd, events: IN, generation: MAX_GENERATION },
      ]);
    }),

    scenario('P1.2 modify() sets the new generation, also for events that were true before', [], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, IN, 1);
      world.poller.modify(testFd.fd, IN, 2);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 2 }]);
    }),

    scenario('P1.3 an fd that was deleted and added again reports only the new generation', [], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, IN, 1);
      world.poller.delete(testFd.fd);
      world.poller.add(testFd.fd, IN, 2);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 2 }]);
    }),

    scenario(
      'P1.4 a number that was closed, reused and added again reports only the new generation',
      ['closing', 'fd-reuse'],
      (world) => {
        const testFd = world.readyFd();
        world.poller.add(testFd.fd, IN, 1);
        const [newcomer] = world.reopen(testFd);
        world.poller.add(newcomer.fd, IN, 2);
        assert.deepEqual(world.poll().entries, []);
        newcomer.makeReady();
        assert.deepEqual(world.poll().entries, [{ fd: newcomer.fd, events: IN, generation: 2 }]);
      },
    ),

    scenario(
      'P1.5 an orphan, which a dup keeps open under a closed number, keeps its generation',
      ['closing', 'fd-reuse', 'dup'],
      (world) => {
        const testFd = world.testFd();
        const copy = world.dup(testFd);
        world.poller.add(testFd.fd, IN, 1);
        const [newcomer] = world.reopen(testFd);
        world.poller.add(newcomer.fd, IN, 2);
        copy.makeReady();
        const ofNewcomer = () => world.poll().entries.filter(({ generation }) => generation !== 1);
        assert.deepEqual(ofNewcomer(), []);
        newcomer.makeReady();
        assert.deepEqual(ofNewcomer(), [{ fd: newcomer.fd, events: IN, generation: 2 }]);
      },
    ),

    scenario('P2.1 a second add() throws EEXIST, and leaves interest and generation as they were', [], (world) => {
      const testFd = world.testFd();
      world.poller.add(testFd.fd, IN, 1);
      assert.throws(() => world.poller.add(testFd.fd, EMPTY, 2), { code: 'EEXIST' });
      testFd.makeReady();
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 1 }]);
    }),

    scenario('P2.2 modify() of an fd that is not watched throws ENOENT, and does not watch it', [], (world) => {
      const testFd = world.readyFd();
      assert.throws(() => world.poller.modify(testFd.fd, IN, 1), { code: 'ENOENT' });
      assert.deepEqual(world.poll().entries, []);
      world.poller.add(testFd.fd, IN, 2);
      assert.deepEqual(world.poll().entries, [{ fd: testFd.fd, events: IN, generation: 2 }]);
    }),

    scenario('P2.3 modify() of an fd that was closed throws EBADF or ENOENT', ['closing'], (world) => {
      const testFd = world.testFd();
      world.poller.add(testFd.fd, IN, 1);
      testFd.close();
      assert.throws(() => world.poller.modify(testFd.fd, IN, 2), /EBADF|ENOENT/);
    }),

    scenario('P2.4 an add() that is refused throws an error with a code, and watches nothing', ['refusal'], (world) => {
      const { fd } = world.refusedFd();
      assert.throws(() => world.poller.add(fd, IN, 1), hasCode);
      assert.throws(() => world.poller.add(fd, IN, 2), hasCode, 'the second add() is refused as the first was');
      assert.deepEqual(world.poll().entries, []);
    }),

    scenario('P2.5 delete() of an fd that is not watched does not throw, and leaves other fds alone', [], (world) => {
      const [watched, other] = world.readyFds(2);
      world.poller.add(watched.fd, IN, 1);
      world.poller.delete(other.fd);
      world.poller.delete(other.fd);
      assert.deepEqual(world.poll().entries, [{ fd: watched.fd, events: IN, generation: 1 }]);
    }),

    scenario('P2.6 delete() of an fd that was closed does not throw', ['closing'], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, IN, 1);
      testFd.close();
      world.poller.delete(testFd.fd);
      assert.deepEqual(world.poll().entries, []);
    }),

    scenario(
      'P2.7 delete() of a closed fd does not throw if its number is now a file that the poller refuses',
      ['closing', 'fd-reuse', 'refusal'],
      (world) => {
        const testFd = world.readyFd();
        world.poller.add(testFd.fd, IN, 1);
        world.reopenRefused(testFd);
        world.poller.delete(testFd.fd);
        assert.deepEqual(world.poll().entries, []);
      },
    ),

    scenario('P2.8 delete() drops events that are true already', [], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, IN, 1);
      assert.equal(world.poll().entries.length, 1);
      world.poller.delete(testFd.fd);
      assert.deepEqual(world.poll().entries, []);
      testFd.makeReady();
      assert.deepEqual(world.poll().entries, [], 'later events are not reported either');
    }),

    scenario('P2.9 two fds of one file are two registrations', ['dup'], (world) => {
      const testFd = world.testFd();
      const copy = world.dup(testFd);
      world.poller.add(testFd.fd, IN, 1);
      world.poller.add(copy.fd, IN, 2);
      testFd.makeReady();
      const reported = world.poll().entries.sort((one, other) => one.generation - other.generation);
      assert.deepEqual(reported, [
        { fd: testFd.fd, events: IN, generation: 1 },
        { fd: copy.fd, events: IN, generation: 2 },
      ]);
    }),

    scenario('P3.1 wait() takes any timeout from 0 to Infinity', [], (world) => {
      const testFd = world.readyFd();
      world.poller.add(testFd.fd, IN, 1);
      for (const timeoutMs of [0, 0.2, 1, 2 ** 31, 2 ** 53, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
        assert.equal(world.poll(1, timeoutMs).entries.length, 1, `with a timeout of ${timeoutMs} ms`);
      }
    }),

    scenario('Poller.rebuild: watches what it is given, as it is given, and nothing else', ['rebuild'], (world) => {
      const [a, b] = world.readyFds(2);
      world.poller.add(a.fd, EMPTY, 1);
      world.poller.add(b.fd, IN, 2);
      world.poller.rebuild?.([{ fd: a.fd, events: IN, generation: 3 }]);
      assert.deepEqual(world.poll().entries, [{ fd: a.fd, events: IN, generation: 3 }]);
      world.poller.add(b.fd, IN, 4);
      assert.equal(world.poll().entries.length, 2);
    }),

    scenario(
      'Poller.rebuild: leaves out a number that is closed, and one that is another file by now',
      ['rebuild', 'closing', 'fd-reuse'],
      (world) => {
        const [kept, closed, reused] = world.testFds(3);
        const interests = [kept, closed, reused].map(({ fd }) => ({ fd, events: IN, generation: fd }));
        for (const { fd, events, generation } of interests) {
          world.poller.add(fd, events, generation);
        }
        const [stranger] = world.reopen(reused);
        closed.close();
        world.poller.rebuild?.(interests);
        stranger.makeReady();
        kept.makeReady();
        assert.deepEqual(world.poll().entries, [{ fd: kept.fd, events: IN, generation: kept.fd }]);
        world.poller.add(stranger.fd, IN, 1);
        assert.equal(world.poll().entries.length, 2);
      },
    ),

    scenario(
      'Poller.rebuild: lets go of what went on under a closed number',
      ['rebuild', 'closing', 'dup'],
      (world) => {
        const [testFd, other] = world.readyFds(2);
        world.dup(testFd);
        world.poller.add(testFd.fd, IN, 1);
        world.poller.add(other.fd, IN, 2);
        testFd.close();
        world.poller.rebuild?.([{ fd: other.fd, events: IN, generation: 2 }]);
        assert.deepEqual(world.poll().entries, [{ fd: other.fd, events: IN, generation: 2 }]);
      },
    ),
  ],
};

function hasCode(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null | undefined)?.code === 'string';
}
