import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT, PRIORITY, HANG_UP, EDGE_TRIGGERED, EXCLUSIVE, ONE_SHOT } = EventSet;

/** For a poller that learns of an event from another thread. */
const LONG_ENOUGH_MS = 30_000;

/** P4 and P5, and what the methods say: what the `Poller` interface promises of events, asked of the poller itself. */
export const pollerEvents: Section = {
  title: 'Poller: events',
  scenarios: [
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

    scenario('P4.11 an event that is consumed when it is reported is reported once', ['consumed'], (world) => {
      const source = world.consumedSource();
      world.poller.add(source.fd, PRIORITY, 1);
      assert.deepEqual(world.poll().entries, []);
      for (let firing = 0; firing < 3; firing++) {
        source.fire();
        source.fire();
        const { entries } = world.poll(16, LONG_ENOUGH_MS);
        assert.deepEqual(entries.map(withPriority), [{ fd: source.fd, events: PRIORITY, generation: 1 }]);
        assert.deepEqual(world.poll().entries, []);
      }
    }),

    scenario(
      'P4.12 an event that is consumed when it is reported is not lost between two armings of a ONE_SHOT',
      ['consumed', 'one-shot'],
      (world) => {
        const source = world.consumedSource();
        source.fire();
        world.poller.add(source.fd, PRIORITY | ONE_SHOT, 1);
        for (let generation = 1; generation < 4; generation++) {
          const { entries } = world.poll(16, LONG_ENOUGH_MS);
          assert.deepEqual(entries.map(withPriority), [{ fd: source.fd, events: PRIORITY, generation }]);
          source.fire();
          assert.deepEqual(world.poll().entries, []);
          world.poller.modify(source.fd, PRIORITY | ONE_SHOT, generation + 1);
        }
      },
    ),

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

/** Some of these files report an ERROR with it. */
function withPriority<E extends { readonly events: EventSet }>(entry: E): E {
  return { ...entry, events: entry.events & PRIORITY };
}

function watchAll(
  poller: { add(fd: number, events: EventSet, generation: number): void },
  sources: readonly { fd: number }[],
): void {
  sources.forEach(({ fd }, index) => {
    poller.add(fd, IN, index + 1);
  });
}
