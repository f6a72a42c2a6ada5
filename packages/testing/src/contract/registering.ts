import assert from 'node:assert/strict';
import { EventSet, ON_ADD, type Registration } from '@em/core';
import { Calls, countingSignal } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT, EDGE_TRIGGERED, EXCLUSIVE, ONE_SHOT, PRIORITY } = EventSet;

function ignore(): void {
  assert.fail('this callback must not be called');
}

/** C1 to C3: what can be registered, what is refused, and that a refusal changes nothing. */
export const registering: Section = {
  title: 'Registering',
  scenarios: [
    scenario('C1.1 add() accepts a number, and any object that has an fd', [], (world) => {
      const manager = world.manager();
      const [a, b] = world.readyFds(2);
      const calls = new Calls();
      manager.add(a.fd, IN, calls.callback);
      manager.add(b, IN, calls.callback);
      manager.wait(0);
      assert.deepEqual(calls.sortedFds, [a.fd, b.fd]);
    }),

    scenario('C1.2 a registration has the fd, events and label that it was added with', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const { fd, events, label, active, paused } = manager.add(testFd, IN | OUT, ignore, { label: 'door' });
      assert.deepEqual(
        { fd, events, label, active, paused },
        { fd: testFd.fd, events: IN | OUT, label: 'door', active: true, paused: false },
      );
    }),

    scenario('C1.3 add() passes fd 0 to the poller as it does any other', [], (world) => {
      const manager = world.manager();
      try {
        manager.add(0, IN, () => undefined);
      } catch (error) {
        assert.doesNotMatch(String((error as { code?: string }).code), /^ERR_(INVALID|OUT_OF)/);
        return;
      }
      assert.equal(manager.has(0), true);
      assert.equal(manager.delete(0), true);
    }),

    scenario('C1.4 modify(), enable() and disable() change the interest, and `events` returns it', ['out'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      const wait = () => {
        calls.clear();
        manager.wait(0);
        return [registration.events, ...calls.events];
      };
      registration.enable(OUT);
      assert.deepEqual(wait(), [IN | OUT, IN | OUT]);
      registration.disable(IN);
      assert.deepEqual(wait(), [OUT, OUT]);
      registration.modify(IN);
      assert.deepEqual(wait(), [IN, IN]);
      registration.disable(IN);
      assert.deepEqual(wait(), [EMPTY]);
    }),

    scenario('C1.5 a value that cannot be an fd is refused before the poller is called', [], (world) => {
      const manager = world.manager();
      for (const fd of [-1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
        assert.throws(() => manager.add(fd, IN, ignore), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
      }
      for (const testFd of ['3', 3n, null, undefined, true, {}, { fd: '3' }]) {
        assert.throws(() => manager.add(testFd as never, IN, ignore), {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
        });
      }
      assert.equal(world.poller.calls.add, 0);
      assert.equal(manager.size, 0);
    }),

    scenario('C1.6 a value that cannot be an event set is refused before the poller is called', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const conflict = { code: 'ERR_EM_CONFLICTING_EVENTS' };
      assert.throws(() => manager.add(testFd, 0x10_0000, ignore), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => manager.add(testFd, 1.5, ignore), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => manager.add(testFd, 'IN' as never, ignore), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.throws(() => manager.add(testFd, IN | EXCLUSIVE | ONE_SHOT, ignore), conflict);
      assert.throws(() => manager.add(testFd, IN | EXCLUSIVE | PRIORITY, ignore), conflict);
      assert.equal(world.poller.calls.add, 0);
      assert.equal(manager.size, 0);
    }),

    scenario(
      'C1.7 a negative event set, as 1 << 31 is, is accepted and returned unsigned',
      ['edge-triggered'],
      (world) => {
        const manager = world.manager();
        const registration = manager.add(world.testFd(), IN | (1 << 31), ignore);
        assert.equal(registration.events, (IN | EDGE_TRIGGERED) >>> 0);
      },
    ),

    scenario('C1.8 a callback that is not a function is refused', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      for (const callback of [undefined, null, 'callback', {}]) {
        assert.throws(() => manager.add(testFd, IN, callback as never), { code: 'ERR_INVALID_ARG_TYPE' });
      }
      assert.equal(manager.size, 0);
    }),

    scenario('C1.9 aborting the signal deletes the registration', [], (world) => {
      const manager = world.manager();
      const controller = new AbortController();
      const registration = manager.add(world.readyFd(), IN, ignore, { signal: controller.signal });
      controller.abort();
      assert.equal(registration.active, false);
      assert.equal(manager.size, 0);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C1.10 add() with an aborted signal throws the reason', [], (world) => {
      const manager = world.manager();
      const reason = new Error('too late');
      const signal = AbortSignal.abort(reason);
      assert.throws(
        () => manager.add(world.testFd(), IN, ignore, { signal }),
        (error) => error === reason,
      );
      assert.equal(manager.size, 0);
    }),

    scenario('C1.11 a registration that ends removes its listener from the signal', [], (world) => {
      const manager = world.manager();
      const listeners = countingSignal();
      const registration = manager.add(world.testFd(), IN, ignore, { signal: listeners.signal });
      assert.equal(listeners.count(), 1);
      registration.delete();
      assert.equal(listeners.count(), 0);
    }),

    scenario('C1.12 an fd object is closed with its registration only if the registration owns it', [], (world) => {
      const manager = world.manager();
      const closed: string[] = [];
      const closable = (name: string) => ({ fd: world.testFd().fd, close: () => void closed.push(name) });
      const borrowed = manager.add(closable('borrowed'), IN, ignore);
      const owned = manager.add(closable('owned'), IN, ignore, { own: true });
      borrowed.delete();
      assert.deepEqual(closed, []);
      owned.delete();
      owned.delete();
      assert.deepEqual(closed, ['owned']);
    }),

    scenario('C1.13 a registration can be used with `using`', [], (world) => {
      const manager = world.manager();
      {
        using registration = manager.add(world.readyFd(), IN, ignore);
        assert.equal(registration.active, true);
      }
      assert.equal(manager.size, 0);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C1.14 an fd object with an ON_ADD method gets its registration, and can end it', [], (world) => {
      const manager = world.manager();
      const told: Registration[] = [];
      const { fd } = world.readyFd();
      const testFd = { fd, [ON_ADD]: (registration: Registration) => void told.push(registration) };
      assert.deepEqual([manager.add(testFd, IN, ignore)], told);
      assert.equal(told[0]?.delete(), true);
      assert.deepEqual([manager.group().add(testFd, IN, ignore)], told.slice(1));
      assert.equal(told[1]?.delete(), true);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C2.1 a second add() of an fd throws, and the first registration keeps working', [], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const first = manager.add(testFd, IN, calls.callback);
      assert.throws(() => manager.add(testFd, EMPTY, ignore), { code: 'ERR_EM_ALREADY_REGISTERED' });
      assert.equal(manager.get(testFd.fd), first);
      assert.equal(first.events, IN);
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.fds, [testFd.fd]);
    }),

    scenario('C2.2 two fds of one file are two registrations', ['dup'], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const copy = world.dup(testFd);
      const calls = new Calls();
      manager.add(testFd, IN, calls.callback);
      const second = manager.add(copy, IN, calls.callback);
      testFd.makeReady();
      manager.wait(0);
      assert.deepEqual(
        calls.sortedFds,
        [testFd.fd, copy.fd].sort((a, b) => a - b),
      );
      second.delete();
      calls.clear();
      manager.wait(0);
      assert.deepEqual(calls.fds, [testFd.fd]);
    }),

    scenario('C3.1 an add() that the poller refuses throws its error, and changes nothing', [], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const refusal = Object.assign(new Error('ENOSPC: no space left on device, epoll_ctl'), { code: 'ENOSPC' });
      const listeners = countingSignal();
      world.poller.refuseNext('add', refusal);
      assert.throws(
        () => manager.add(testFd, IN, ignore, { signal: listeners.signal }),
        (error) => error === refusal,
      );
      assert.equal(manager.size, 0);
      assert.equal(manager.has(testFd.fd), false);
      assert.equal(listeners.count(), 0);
      const calls = new Calls();
      manager.add(testFd, IN, calls.callback);
      assert.equal(manager.wait(0), 1);
    }),

    scenario(
      'C3.2 an fd that cannot be watched is refused with a code, and the others keep working',
      ['refusal'],
      (world) => {
        const manager = world.manager();
        const calls = new Calls();
        manager.add(world.readyFd(), IN, calls.callback);
        const { fd } = world.refusedFd();
        assert.throws(
          () => manager.add(fd, IN, ignore),
          (error: { code?: unknown }) => typeof error.code === 'string',
        );
        assert.equal(manager.size, 1);
        assert.equal(manager.has(fd), false);
        assert.equal(manager.wait(0), 1);
      },
    ),

    scenario('C3.3 a modify() that the poller refuses leaves the interest in force', ['out'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      const refusal = new Error('no');
      world.poller.refuseNext('modify', refusal);
      assert.throws(
        () => registration.modify(OUT),
        (error) => error === refusal,
      );
      assert.equal(registration.events, IN);
      manager.wait(0);
      assert.deepEqual(calls.events, [IN]);
    }),

    scenario(
      'C3.4 a resume() that the poller refuses leaves the registration paused, and can be called again',
      [],
      (world) => {
        const manager = world.manager();
        const calls = new Calls();
        const registration = manager.add(world.readyFd(), IN, calls.callback);
        registration.pause();
        world.poller.refuseNext('add', new Error('no'));
        assert.throws(() => registration.resume(), /^Error: no$/);
        assert.equal(registration.paused, true);
        assert.equal(manager.wait(0), 0);
        registration.resume();
        assert.equal(registration.paused, false);
        assert.equal(manager.wait(0), 1);
      },
    ),

    scenario('C3.5 an add() that the fd object refuses throws its error, and changes nothing', [], (world) => {
      const manager = world.manager();
      const { fd } = world.readyFd();
      const listeners = countingSignal();
      const refusal = new Error('no');
      const testFd = {
        fd,
        [ON_ADD]: () => {
          throw refusal;
        },
      };
      assert.throws(
        () => manager.add(testFd, IN, ignore, { signal: listeners.signal }),
        (error) => error === refusal,
      );
      assert.equal(world.poller.calls.add, 0);
      assert.equal(manager.size, 0);
      assert.equal(listeners.count(), 0);
      manager.add(fd, IN, () => undefined);
      assert.equal(manager.wait(0), 1);
    }),
  ],
};
