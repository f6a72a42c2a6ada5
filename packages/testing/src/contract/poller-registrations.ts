import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN } = EventSet;
const MAX_GENERATION = 0xffff_ffff;

/** P1 to P3: what the `Poller` interface promises of registrations, asked of the poller itself. */
export const pollerRegistrations: Section = {
  title: 'Poller: registrations',
  scenarios: [
    scenario('P1.1 every event carries the generation that was given for its fd', [], (world) => {
      const [a, b, c] = world.readySources(3);
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

    scenario('P1.2 modify() gives an fd its new generation, readiness from before included', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      world.poller.modify(source.fd, IN, 2);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 2 }]);
    }),

    scenario('P1.3 an fd that was deleted and added again reports the new generation only', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      world.poller.delete(source.fd);
      world.poller.add(source.fd, IN, 2);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 2 }]);
    }),

    scenario(
      'P1.4 a number that was closed, used again and added again reports the new generation only',
      ['closing', 'fd-reuse'],
      (world) => {
        const source = world.ready();
        world.poller.add(source.fd, IN, 1);
        const [newcomer] = world.reopen(source);
        world.poller.add(newcomer.fd, IN, 2);
        assert.deepEqual(world.poll().entries, []);
        newcomer.makeReady();
        assert.deepEqual(world.poll().entries, [{ fd: newcomer.fd, events: IN, generation: 2 }]);
      },
    ),

    scenario(
      'P1.5 what goes on under a closed number, because a dup lives, keeps its generation',
      ['closing', 'fd-reuse', 'dup'],
      (world) => {
        const source = world.source();
        const copy = world.dup(source);
        world.poller.add(source.fd, IN, 1);
        const [newcomer] = world.reopen(source);
        world.poller.add(newcomer.fd, IN, 2);
        copy.makeReady();
        const ofNewcomer = () => world.poll().entries.filter(({ generation }) => generation !== 1);
        assert.deepEqual(ofNewcomer(), []);
        newcomer.makeReady();
        assert.deepEqual(ofNewcomer(), [{ fd: newcomer.fd, events: IN, generation: 2 }]);
      },
    ),

    scenario('P2.1 a second add() throws EEXIST and leaves interest and generation as they were', [], (world) => {
      const source = world.source();
      world.poller.add(source.fd, IN, 1);
      assert.throws(() => world.poller.add(source.fd, EMPTY, 2), { code: 'EEXIST' });
      source.makeReady();
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 1 }]);
    }),

    scenario('P2.2 modify() of an fd that is not watched throws ENOENT and does not watch it', [], (world) => {
      const source = world.ready();
      assert.throws(() => world.poller.modify(source.fd, IN, 1), { code: 'ENOENT' });
      assert.deepEqual(world.poll().entries, []);
      world.poller.add(source.fd, IN, 2);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 2 }]);
    }),

    scenario('P2.3 modify() of an fd that was closed throws EBADF or ENOENT', ['closing'], (world) => {
      const source = world.source();
      world.poller.add(source.fd, IN, 1);
      source.close();
      assert.throws(() => world.poller.modify(source.fd, IN, 2), /EBADF|ENOENT/);
    }),

    scenario('P2.4 an add() that is refused throws a code and watches nothing', ['refusal'], (world) => {
      const { fd } = world.refusedSource();
      assert.throws(() => world.poller.add(fd, IN, 1), hasCode);
      assert.throws(() => world.poller.add(fd, IN, 2), hasCode, 'and is refused again, not taken for watched');
      assert.deepEqual(world.poll().entries, []);
    }),

    scenario('P2.5 delete() of an fd that is not watched is no error and touches no other', [], (world) => {
      const [watched, other] = world.readySources(2);
      world.poller.add(watched.fd, IN, 1);
      world.poller.delete(other.fd);
      world.poller.delete(other.fd);
      assert.deepEqual(world.poll().entries, [{ fd: watched.fd, events: IN, generation: 1 }]);
    }),

    scenario('P2.6 delete() of an fd that was closed is no error', ['closing'], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      source.close();
      world.poller.delete(source.fd);
      assert.deepEqual(world.poll().entries, []);
    }),

    scenario(
      'P2.7 nor is it when its number is by now something that is refused',
      ['closing', 'fd-reuse', 'refusal'],
      (world) => {
        const source = world.ready();
        world.poller.add(source.fd, IN, 1);
        world.reopenRefused(source);
        world.poller.delete(source.fd);
        assert.deepEqual(world.poll().entries, []);
      },
    ),

    scenario('P2.8 delete() takes back what is ready already', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      assert.equal(world.poll().entries.length, 1);
      world.poller.delete(source.fd);
      assert.deepEqual(world.poll().entries, []);
      source.makeReady();
      assert.deepEqual(world.poll().entries, [], 'nor does it hear of what comes later');
    }),

    scenario('P2.9 two fds of one file are two registrations', ['dup'], (world) => {
      const source = world.source();
      const copy = world.dup(source);
      world.poller.add(source.fd, IN, 1);
      world.poller.add(copy.fd, IN, 2);
      source.makeReady();
      const reported = world.poll().entries.sort((one, other) => one.generation - other.generation);
      assert.deepEqual(reported, [
        { fd: source.fd, events: IN, generation: 1 },
        { fd: copy.fd, events: IN, generation: 2 },
      ]);
    }),

    scenario('P3.1 wait() takes any timeout from 0 to Infinity', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      for (const timeoutMs of [0, 0.2, 1, 2 ** 31, 2 ** 53, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
        assert.equal(world.poll(1, timeoutMs).entries.length, 1, `with a timeout of ${timeoutMs} ms`);
      }
    }),

    scenario('Poller.rebuild: watches what it is given, as it is given, and nothing else', ['rebuild'], (world) => {
      const [a, b] = world.readySources(2);
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
        const [kept, closed, reused] = world.sources(3);
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
        const [source, other] = world.readySources(2);
        world.dup(source);
        world.poller.add(source.fd, IN, 1);
        world.poller.add(other.fd, IN, 2);
        source.close();
        world.poller.rebuild?.([{ fd: other.fd, events: IN, generation: 2 }]);
        assert.deepEqual(world.poll().entries, [{ fd: other.fd, events: IN, generation: 2 }]);
      },
    ),
  ],
};

function hasCode(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null | undefined)?.code === 'string';
}
