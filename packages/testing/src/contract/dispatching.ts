import assert from 'node:assert/strict';
import { EventSet, type Registration } from '@em/core';
import { Calls } from './calls.js';
import { type Section, scenario } from './scenario.js';
import type { World } from './world.js';

const { EMPTY, IN, OUT, HANG_UP, EDGE_TRIGGERED } = EventSet;
const IN_EDGE = (IN | EDGE_TRIGGERED) >>> 0;

/** C8 to C11: whose callback is called, with what, whatever the callbacks do. */
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

    scenario('C9.1 of two that delete each other, one is called', [], (world) => {
      const manager = world.manager();
      const calls = twoThat(world, manager, IN, (other) => void other.delete());
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 1);
      assert.equal(manager.lastWait.stale, 1);
      assert.equal(manager.size, 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(new Set(calls.fds).size, 1);
    }),

    scenario(
      'C9.2 an event for a number that is deleted, closed, reused and re-added never reaches the newcomer',
      ['closing', 'fd-reuse'],
      (world) => {
        reopenAllInFirstCallback(world, true);
      },
    ),

    scenario('C9.3 nor does it where the delete was forgotten', ['closing', 'fd-reuse'], (world) => {
      reopenAllInFirstCallback(world, false);
    }),

    scenario('C9.4 an event for an fd that is deleted and added again never reaches the newcomer', [], (world) => {
      const manager = world.manager();
      const newcomers = new Calls();
      const calls = twoThat(world, manager, IN, (other) => {
        if (other.delete()) {
          manager.add(other.fd, IN, newcomers.callback);
        }
      });
      assert.equal(manager.wait(0), 1);
      assert.equal(newcomers.count, 0);
      assert.equal(manager.lastWait.stale, 1);
      assert.equal(manager.wait(0), 2, 'the newcomer is served by the next wait');
      assert.equal(newcomers.count, 1);
      assert.equal(calls.count, 2);
    }),

    scenario(
      'C9.5 what goes on under a closed number, because a dup lives, reaches nobody',
      ['closing', 'fd-reuse', 'dup'],
      (world) => {
        const manager = world.manager();
        const source = world.source();
        const copy = world.dup(source);
        const registration = manager.add(source, IN, () => assert.fail('called after it was deleted'));
        const [newcomer] = world.reopen(source);
        registration.delete();
        const calls = new Calls();
        manager.add(newcomer, IN, calls.callback);
        copy.makeReady();
        assert.equal(manager.wait(0), 0);
        assert.equal(manager.lastWait.stale, manager.lastWait.ready);
        newcomer.makeReady();
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(calls.fds, [newcomer.fd]);
      },
    ),

    scenario('C10.1 an event that nobody wants by its turn is not delivered', [], (world) => {
      const manager = world.manager();
      const calls = twoThat(world, manager, IN, (other) => other.disable(IN));
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.lastWait.masked, 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(new Set(calls.fds).size, 1);
    }),

    scenario('C10.2 of several events, those that are still wanted are delivered', ['out'], (world) => {
      const manager = world.manager();
      const calls = twoThat(world, manager, IN | OUT, (other) => other.modify(OUT));
      assert.equal(manager.wait(0), 2);
      assert.deepEqual(calls.events, [IN | OUT, OUT]);
      assert.equal(manager.lastWait.masked, 0);
    }),

    scenario('C10.3 HANG_UP is delivered to who wants nothing', ['hang-up'], (world) => {
      const manager = world.manager();
      const source = world.hangUpSource();
      const calls = new Calls();
      manager.add(source, EMPTY, calls.callback);
      source.makeReady();
      assert.equal(manager.wait(0), 0);
      source.hangUp();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [HANG_UP]);
    }),

    scenario('C10.4 of several changes before a wait, the last counts', ['out'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
      for (const events of [OUT, IN, EMPTY, IN | OUT, OUT, IN]) {
        registration.modify(events);
      }
      manager.wait(0);
      assert.deepEqual(calls.events, [IN]);
      registration.modify(OUT);
      registration.modify(EMPTY);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C11.1 a registration added in a callback is served from the next wait on', [], (world) => {
      const manager = world.manager();
      const [first, second] = world.readySources(2);
      const calls = new Calls();
      manager.add(
        first,
        IN,
        calls.and(() => {
          if (!manager.has(second.fd)) {
            manager.add(second, IN, calls.callback);
          }
        }),
      );
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.fds, [first.fd]);
      calls.clear();
      assert.equal(manager.wait(0), 2);
      assert.deepEqual(calls.sortedFds, [first.fd, second.fd]);
    }),

    scenario('C11.2 deleted and added again in its own callback, it is served from the next wait on', [], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const callback = calls.and((_events, registration) => {
        registration.delete();
        manager.add(source, IN, callback);
      });
      manager.add(source, IN, callback);
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 2);
    }),
  ],
};

type Manager = ReturnType<World['manager']>;

/** Registers two ready sources, each of whose callbacks does something to the registration of the other. */
function twoThat(world: World, manager: Manager, events: EventSet, act: (other: Registration) => void): Calls {
  const calls = new Calls();
  const registrations = world.readySources(2).map((source) =>
    manager.add(
      source,
      events,
      calls.and((_events, registration) => {
        const other = registrations.find((one) => one !== registration);
        if (other?.active) {
          act(other);
        }
      }),
    ),
  );
  return calls;
}

/** Three are ready. Whoever is called first closes all three, opens three others on the numbers, and adds these. */
function reopenAllInFirstCallback(world: World, deleteFirst: boolean): void {
  const manager = world.manager();
  const calls = new Calls();
  const newcomers = new Calls();
  const sources = world.readySources(3);
  let reopened: readonly { makeReady(): void }[] = [];
  for (const source of sources) {
    manager.add(
      source,
      IN,
      calls.and(() => {
        if (deleteFirst) {
          for (const { fd } of sources) {
            manager.delete(fd);
          }
        }
        const opened = world.reopen(...sources);
        for (const newcomer of opened) {
          manager.add(newcomer, IN, newcomers.callback);
        }
        reopened = opened;
      }),
    );
  }
  assert.equal(manager.wait(0), 1);
  assert.equal(calls.count, 1);
  assert.equal(newcomers.count, 0);
  assert.equal(manager.lastWait.stale, 2);
  assert.equal(manager.size, 3);
  assert.equal(manager.wait(0), 0, 'the newcomers are not ready');
  for (const newcomer of reopened) {
    newcomer.makeReady();
  }
  assert.equal(manager.wait(0), 3);
  assert.deepEqual(
    newcomers.sortedFds,
    sources.map(({ fd }) => fd),
  );
}
