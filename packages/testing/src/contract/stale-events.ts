import assert from 'node:assert/strict';
import { type EventManager, EventSet, type Registration } from '@em/core';
import { Calls } from './doubles.js';
import { type Section, scenario } from './scenario.js';
import type { World } from './world.js';

const { EMPTY, IN, OUT, HANG_UP, ONE_SHOT } = EventSet;

/** C9 to C11: events that are in the batch when their registration ends or changes. */
export const staleEvents: Section = {
  title: 'Stale events',
  scenarios: [
    scenario('C9.1 of two registrations that delete each other, one is called', [], (world) => {
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
      'C9.2 a stale event never reaches the new registration if its fd is deleted, closed, reused and added again',
      ['closing', 'fd-reuse'],
      (world) => {
        reopenAllInFirstCallback(world, true);
      },
    ),

    scenario(
      'C9.3 a stale event never reaches the new registration if its fd is closed, reused and added again without delete()',
      ['closing', 'fd-reuse'],
      (world) => {
        reopenAllInFirstCallback(world, false);
      },
    ),

    scenario(
      'C9.4 a stale event never reaches the new registration if its fd is deleted and added again',
      [],
      (world) => {
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
        assert.equal(manager.wait(0), 2, 'the next wait calls the new registration');
        assert.equal(newcomers.count, 1);
        assert.equal(calls.count, 2);
      },
    ),

    scenario('C9.5 the events of an orphan reach no registration', ['closing', 'fd-reuse', 'dup'], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const copy = world.dup(testFd);
      const registration = manager.add(testFd, IN, () => assert.fail('called after it was deleted'));
      const [newcomer] = world.reopen(testFd);
      registration.delete();
      const calls = new Calls();
      manager.add(newcomer, IN, calls.callback);
      copy.makeReady();
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.stale, manager.lastWait.ready);
      newcomer.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.fds, [newcomer.fd]);
    }),

    scenario(
      'C9.6 an orphan is reported once, and the registrations keep working',
      ['closing', 'dup', 'rebuild', 'one-shot'],
      (world) => {
        const manager = world.manager();
        const [orphan, level, paused, fired] = world.readyFds(4);
        const calls = new Calls();
        manager.add(level, IN, calls.callback);
        const pausedOne = manager.add(paused, IN, calls.callback);
        const firedOne = manager.add(fired, IN | ONE_SHOT, calls.callback);
        pausedOne.pause();
        assert.equal(manager.wait(0), 2);
        world.dup(orphan);
        const deleted = manager.add(orphan, IN, () => assert.fail('called after it was deleted'));
        orphan.close();
        deleted.delete();
        calls.clear();
        manager.wait(0);
        manager.wait(0);
        manager.wait(0);
        assert.deepEqual(calls.fds, [level.fd, level.fd, level.fd]);
        assert.equal(manager.stats.stale, 1);
        assert.throws(() => manager.add(paused, IN, calls.callback), { code: 'ERR_EM_ALREADY_REGISTERED' });
        pausedOne.resume();
        firedOne.rearm();
        assert.equal(manager.wait(0), 3);
      },
    ),

    scenario('C10.1 an event that an earlier callback removes from the interest is not delivered', [], (world) => {
      const manager = world.manager();
      const calls = twoThat(world, manager, IN, (other) => other.disable(IN));
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.lastWait.masked, 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(new Set(calls.fds).size, 1);
    }),

    scenario('C10.2 of several events, only those still in the interest are delivered', ['out'], (world) => {
      const manager = world.manager();
      const calls = twoThat(world, manager, IN | OUT, (other) => other.modify(OUT));
      assert.equal(manager.wait(0), 2);
      assert.deepEqual(calls.events, [IN | OUT, OUT]);
      assert.equal(manager.lastWait.masked, 0);
    }),

    scenario('C10.3 HANG_UP is delivered even if the interest is EMPTY', ['hang-up'], (world) => {
      const manager = world.manager();
      const testFd = world.hangUpFd();
      const calls = new Calls();
      manager.add(testFd, EMPTY, calls.callback);
      testFd.makeReady();
      assert.equal(manager.wait(0), 0);
      testFd.hangUp();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.events, [HANG_UP]);
    }),

    scenario('C10.4 the last of several changes before a wait counts', ['out'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      for (const events of [OUT, IN, EMPTY, IN | OUT, OUT, IN]) {
        registration.modify(events);
      }
      manager.wait(0);
      assert.deepEqual(calls.events, [IN]);
      registration.modify(OUT);
      registration.modify(EMPTY);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C10.5 of three ready fds, only those still registered and still interested are called', [], (world) => {
      const manager = world.manager();
      const [a, b, c] = world.readyFds(3);
      const calls = new Calls();
      for (const testFd of [a, b, c]) {
        manager.add(testFd, IN, calls.callback);
      }
      assert.equal(manager.wait(0), 3);
      manager.modify(a.fd, EMPTY);
      assert.equal(manager.wait(0), 2);
      manager.delete(b.fd);
      calls.clear();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.fds, [c.fd]);
      assert.equal(manager.lastWait.ready, 1);
    }),

    scenario('C11.1 a registration added in a callback is called from the next wait on', [], (world) => {
      const manager = world.manager();
      const [first, second] = world.readyFds(2);
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

    scenario('C11.2 an fd deleted and added again in its callback is called from the next wait on', [], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const callback = calls.and((_events, registration) => {
        registration.delete();
        manager.add(testFd, IN, callback);
      });
      manager.add(testFd, IN, callback);
      assert.equal(manager.wait(0), 1);
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 2);
    }),
  ],
};

/** Registers two ready fds. The callback of each does something to the registration of the other. */
function twoThat(world: World, manager: EventManager, events: EventSet, act: (other: Registration) => void): Calls {
  const calls = new Calls();
  const registrations = world.readyFds(2).map((testFd) =>
    manager.add(
      testFd,
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

/** Three fds are ready. The first callback closes all three, opens three others on the numbers, and adds these. */
function reopenAllInFirstCallback(world: World, deleteFirst: boolean): void {
  const manager = world.manager();
  const calls = new Calls();
  const newcomers = new Calls();
  const testFds = world.readyFds(3);
  let reopened: readonly { makeReady(): void }[] = [];
  for (const testFd of testFds) {
    manager.add(
      testFd,
      IN,
      calls.and(() => {
        if (deleteFirst) {
          for (const { fd } of testFds) {
            manager.delete(fd);
          }
        }
        const opened = world.reopen(...testFds);
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
  assert.equal(manager.wait(0), 0, 'the new fds are not ready');
  for (const newcomer of reopened) {
    newcomer.makeReady();
  }
  assert.equal(manager.wait(0), 3);
  assert.deepEqual(
    newcomers.sortedFds,
    testFds.map(({ fd }) => fd),
  );
}
