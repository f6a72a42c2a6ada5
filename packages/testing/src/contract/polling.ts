import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT, HANG_UP, EDGE_TRIGGERED, EXCLUSIVE, ONE_SHOT } = EventSet;
const MAX_GENERATION = 0xffff_ffff;

/** What the `Poller` interface promises, asked of the poller itself. */
export const polling: Section = {
  title: 'Poller',
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

    scenario('P2.7 delete() takes back what is ready already', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      assert.equal(world.poll().entries.length, 1);
      world.poller.delete(source.fd);
      assert.deepEqual(world.poll().entries, []);
    }),

    scenario('P2.8 two fds of one file are two registrations', ['dup'], (world) => {
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

    scenario('P4.1 HANG_UP is reported without having been asked for', ['hang-up'], (world) => {
      const source = world.hangUpSource();
      world.poller.add(source.fd, EMPTY, 1);
      source.hangUp();
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: HANG_UP, generation: 1 }]);
    }),

    scenario('P4.2 IN is not reported unless asked for', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, EMPTY, 1);
      assert.deepEqual(world.poll().entries, []);
    }),

    scenario('P4.3 of IN and OUT, both true, those asked for are reported', ['out'], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, OUT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: OUT, generation: 1 }]);
      world.poller.modify(source.fd, IN | OUT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN | OUT, generation: 1 }]);
    }),

    scenario('P4.4 modify() to nothing silences, and back reports what is ready', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      world.poller.modify(source.fd, EMPTY, 1);
      assert.deepEqual(world.poll().entries, []);
      world.poller.modify(source.fd, IN, 1);
      assert.equal(world.poll().entries.length, 1);
    }),

    scenario('P4.5 level-triggered, an event is reported for as long as it is true', [], (world) => {
      const source = world.source();
      world.poller.add(source.fd, IN, 1);
      assert.equal(world.poll().entries.length, 0);
      source.makeReady();
      assert.equal(world.poll().entries.length, 1);
      assert.equal(world.poll().entries.length, 1);
      source.clear();
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('P4.6 edge-triggered, an event is reported once an edge', ['edge-triggered'], (world) => {
      const source = world.source();
      world.poller.add(source.fd, (IN | EDGE_TRIGGERED) >>> 0, 1);
      source.makeReady();
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 1 }]);
      assert.equal(world.poll().entries.length, 0);
      source.makeReady();
      assert.equal(world.poll().entries.length, 1, 'a new edge, though it was true all the time');
      assert.equal(world.poll().entries.length, 0);
      world.poller.modify(source.fd, (IN | EDGE_TRIGGERED) >>> 0, 1);
      assert.equal(world.poll().entries.length, 1, 'modify() looks anew');
    }),

    scenario('P4.7 edge-triggered, what is ready when it is added is an edge', ['edge-triggered'], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, (IN | EDGE_TRIGGERED) >>> 0, 1);
      assert.equal(world.poll().entries.length, 1);
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('P4.8 ONE_SHOT reports once, then nothing until modify()', ['one-shot'], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN | ONE_SHOT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 1 }]);
      source.makeReady();
      assert.equal(world.poll().entries.length, 0);
      world.poller.modify(source.fd, IN | ONE_SHOT, 2);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 2 }]);
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('P4.9 a ONE_SHOT that has reported is silent about HANG_UP too', ['one-shot', 'hang-up'], (world) => {
      const source = world.hangUpSource();
      world.poller.add(source.fd, IN | ONE_SHOT, 1);
      source.makeReady();
      assert.equal(world.poll().entries.length, 1);
      source.hangUp();
      assert.equal(world.poll().entries.length, 0);
      world.poller.modify(source.fd, IN | ONE_SHOT, 1);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN | HANG_UP, generation: 1 }]);
    }),

    scenario('P4.10 EXCLUSIVE reports as any other does, and is not itself reported', ['exclusive'], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN | EXCLUSIVE, 1);
      assert.deepEqual(world.poll().entries, [{ fd: source.fd, events: IN, generation: 1 }]);
    }),

    scenario('P5.1 with room for one, each of five ready fds is reported once in five waits', [], (world) => {
      const sources = world.readySources(5);
      watchAll(world.poller, sources);
      const reported = sources.flatMap(() => world.poll(1).entries).map(({ fd }) => fd);
      assert.deepEqual(
        reported.sort((a, b) => a - b),
        sources.map(({ fd }) => fd),
      );
    }),

    scenario('P5.2 with room for two, each of five ready fds is reported twice in five waits', [], (world) => {
      const sources = world.readySources(5);
      watchAll(world.poller, sources);
      const reported = sources.flatMap(() => world.poll(2).entries).map(({ fd }) => fd);
      assert.deepEqual(
        reported.sort((a, b) => a - b),
        sources.flatMap(({ fd }) => [fd, fd]),
      );
    }),

    scenario('P5.3 who becomes ready late has its turn, though the others stay ready', [], (world) => {
      const sources = world.sources(3);
      watchAll(world.poller, sources);
      const [first, second, late] = sources;
      first.makeReady();
      second.makeReady();
      world.poll(1);
      late.makeReady();
      const reported = sources.flatMap(() => world.poll(1).entries).map(({ fd }) => fd);
      assert.ok(reported.includes(late.fd), 'three are ready, so that within three waits each has its turn');
    }),

    scenario('P5.4 an event that found no room is not lost, though it is reported but once', ['one-shot'], (world) => {
      const sources = world.readySources(3);
      for (const { fd } of sources) {
        world.poller.add(fd, IN | ONE_SHOT, 1);
      }
      const reported = sources.flatMap(() => world.poll(1).entries).map(({ fd }) => fd);
      assert.deepEqual(
        reported.sort((a, b) => a - b),
        sources.map(({ fd }) => fd),
      );
      assert.equal(world.poll().entries.length, 0);
    }),

    scenario('Poller.wait: the cause is events when it reports some, timeout when the time is up', [], (world) => {
      const source = world.source();
      world.poller.add(source.fd, IN, 1);
      assert.equal(world.poll().cause, 'timeout');
      source.makeReady();
      assert.equal(world.poll().cause, 'events');
      source.clear();
      assert.equal(world.poll().cause, 'timeout');
    }),

    scenario('Poller.wake: the next wait returns at once, however often it was called', [], (world) => {
      world.poller.wake();
      world.poller.wake();
      world.poller.wake();
      assert.deepEqual(world.poll(16, Number.POSITIVE_INFINITY), { cause: 'wake', entries: [] });
      assert.deepEqual(world.poll(), { cause: 'timeout', entries: [] });
    }),

    scenario('Poller.wake: what is ready is reported all the same, and the wake is used up by it', [], (world) => {
      const source = world.ready();
      world.poller.add(source.fd, IN, 1);
      world.poller.wake();
      assert.deepEqual(world.poll(), { cause: 'events', entries: [{ fd: source.fd, events: IN, generation: 1 }] });
      source.clear();
      assert.equal(world.poll().cause, 'timeout');
    }),

    scenario('Poller.close: a second call does nothing', [], (world) => {
      const source = world.source();
      world.poller.add(source.fd, IN, 1);
      world.poller.close();
      world.poller.close();
    }),
  ],
};

function watchAll(
  poller: { add(fd: number, events: EventSet, generation: number): void },
  sources: readonly { fd: number }[],
): void {
  sources.forEach(({ fd }, index) => {
    poller.add(fd, IN, index + 1);
  });
}

function hasCode(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
