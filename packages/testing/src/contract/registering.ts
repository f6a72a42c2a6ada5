import assert from 'node:assert/strict';
import { EventSet, ON_ADD, type Registration } from '@em/core';
import { Calls } from './calls.js';
import { countingSignal } from './counting-signal.js';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT, EDGE_TRIGGERED, EXCLUSIVE, ONE_SHOT, PRIORITY } = EventSet;

function ignore(): void {
  assert.fail('this callback is not to be called');
}

/** C1 to C3: what is taken, what is refused, and that a refusal changes nothing. */
export const registering: Section = {
  title: 'Registering',
  scenarios: [
    scenario('C1.1 add() takes a number, and anything that has an fd', [], (world) => {
      const manager = world.manager();
      const [a, b] = world.readySources(2);
      const calls = new Calls();
      manager.add(a.fd, IN, calls.callback);
      manager.add(b, IN, calls.callback);
      manager.wait(0);
      assert.deepEqual(calls.sortedFds, [a.fd, b.fd]);
    }),

    scenario('C1.2 the registration says what it was added with', [], (world) => {
      const manager = world.manager();
      const source = world.source();
      const { fd, events, label, active, paused } = manager.add(source, IN | OUT, ignore, { label: 'door' });
      assert.deepEqual(
        { fd, events, label, active, paused },
        { fd: source.fd, events: IN | OUT, label: 'door', active: true, paused: false },
      );
    }),

    scenario('C1.3 fd 0 is a number like any other: whether it can be watched, the poller says', [], (world) => {
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

    scenario('C1.4 modify(), enable() and disable() change the interest, and events says so', ['out'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
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

    scenario('C1.5 an fd that cannot be one is refused before the poller hears of it', [], (world) => {
      const manager = world.manager();
      for (const fd of [-1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
        assert.throws(() => manager.add(fd, IN, ignore), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
      }
      for (const source of ['3', 3n, null, undefined, true, {}, { fd: '3' }]) {
        assert.throws(() => manager.add(source as never, IN, ignore), {
          name: 'TypeError',
          code: 'ERR_INVALID_ARG_TYPE',
        });
      }
      assert.equal(world.poller.calls.add, 0);
      assert.equal(manager.size, 0);
    }),

    scenario('C1.6 a set of events that cannot be one is refused before the poller hears of it', [], (world) => {
      const manager = world.manager();
      const source = world.source();
      const conflict = { code: 'ERR_EM_CONFLICTING_EVENTS' };
      assert.throws(() => manager.add(source, 0x10_0000, ignore), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => manager.add(source, 1.5, ignore), { code: 'ERR_OUT_OF_RANGE' });
      assert.throws(() => manager.add(source, 'IN' as never, ignore), { code: 'ERR_INVALID_ARG_TYPE' });
      assert.throws(() => manager.add(source, IN | EXCLUSIVE | ONE_SHOT, ignore), conflict);
      assert.throws(() => manager.add(source, IN | EXCLUSIVE | PRIORITY, ignore), conflict);
      assert.equal(world.poller.calls.add, 0);
      assert.equal(manager.size, 0);
    }),

    scenario('C1.7 a set that is negative, as 1 << 31 is, is taken and shown unsigned', ['edge-triggered'], (world) => {
      const manager = world.manager();
      const registration = manager.add(world.source(), IN | (1 << 31), ignore);
      assert.equal(registration.events, (IN | EDGE_TRIGGERED) >>> 0);
    }),

    scenario('C1.8 a callback that is no function is refused', [], (world) => {
      const manager = world.manager();
      const source = world.source();
      for (const callback of [undefined, null, 'callback', {}]) {
        assert.throws(() => manager.add(source, IN, callback as never), { code: 'ERR_INVALID_ARG_TYPE' });
      }
      assert.equal(manager.size, 0);
    }),

    scenario('C1.9 an abort of the signal deletes the registration', [], (world) => {
      const manager = world.manager();
      const controller = new AbortController();
      const registration = manager.add(world.ready(), IN, ignore, { signal: controller.signal });
      controller.abort();
      assert.equal(registration.active, false);
      assert.equal(manager.size, 0);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C1.10 a signal that is aborted already refuses, with its reason', [], (world) => {
      const manager = world.manager();
      const reason = new Error('too late');
      const signal = AbortSignal.abort(reason);
      assert.throws(
        () => manager.add(world.source(), IN, ignore, { signal }),
        (error) => error === reason,
      );
      assert.equal(manager.size, 0);
    }),

    scenario('C1.11 a registration that ends lets go of its signal', [], (world) => {
      const manager = world.manager();
      const listeners = countingSignal();
      const registration = manager.add(world.source(), IN, ignore, { signal: listeners.signal });
      assert.equal(listeners.count(), 1);
      registration.delete();
      assert.equal(listeners.count(), 0);
    }),

    scenario(
      'C1.12 a source is borrowed by default, and closed with the registration if it is given to own',
      [],
      (world) => {
        const manager = world.manager();
        const closed: string[] = [];
        const closable = (name: string) => ({ fd: world.source().fd, close: () => void closed.push(name) });
        const borrowed = manager.add(closable('borrowed'), IN, ignore);
        const owned = manager.add(closable('owned'), IN, ignore, { own: true });
        borrowed.delete();
        assert.deepEqual(closed, []);
        owned.delete();
        owned.delete();
        assert.deepEqual(closed, ['owned']);
      },
    ),

    scenario('C1.13 a registration can be used with `using`', [], (world) => {
      const manager = world.manager();
      {
        using registration = manager.add(world.ready(), IN, ignore);
        assert.equal(registration.active, true);
      }
      assert.equal(manager.size, 0);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C1.14 a source that wants to know is told of its registration, and can end it', [], (world) => {
      const manager = world.manager();
      const told: Registration[] = [];
      const { fd } = world.ready();
      const source = { fd, [ON_ADD]: (registration: Registration) => void told.push(registration) };
      assert.deepEqual([manager.add(source, IN, ignore)], told);
      assert.equal(told[0]?.delete(), true);
      assert.deepEqual([manager.group().add(source, IN, ignore)], told.slice(1));
      assert.equal(told[1]?.delete(), true);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C2.1 a second add() of an fd throws, and leaves the first registration at work', [], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const first = manager.add(source, IN, calls.callback);
      assert.throws(() => manager.add(source, EMPTY, ignore), { code: 'ERR_EM_ALREADY_REGISTERED' });
      assert.equal(manager.get(source.fd), first);
      assert.equal(first.events, IN);
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.fds, [source.fd]);
    }),

    scenario('C2.2 two fds of one file are two registrations', ['dup'], (world) => {
      const manager = world.manager();
      const source = world.source();
      const copy = world.dup(source);
      const calls = new Calls();
      manager.add(source, IN, calls.callback);
      const second = manager.add(copy, IN, calls.callback);
      source.makeReady();
      manager.wait(0);
      assert.deepEqual(
        calls.sortedFds,
        [source.fd, copy.fd].sort((a, b) => a - b),
      );
      second.delete();
      calls.clear();
      manager.wait(0);
      assert.deepEqual(calls.fds, [source.fd]);
    }),

    scenario('C3.1 an add() that the poller refuses throws its error and changes nothing', [], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const refusal = Object.assign(new Error('ENOSPC: no space left on device, epoll_ctl'), { code: 'ENOSPC' });
      const listeners = countingSignal();
      world.poller.refuseNext('add', refusal);
      assert.throws(
        () => manager.add(source, IN, ignore, { signal: listeners.signal }),
        (error) => error === refusal,
      );
      assert.equal(manager.size, 0);
      assert.equal(manager.has(source.fd), false);
      assert.equal(listeners.count(), 0);
      const calls = new Calls();
      manager.add(source, IN, calls.callback);
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C3.2 an fd that cannot be watched is refused with a code, and the others go on', ['refusal'], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      manager.add(world.ready(), IN, calls.callback);
      const { fd } = world.refusedSource();
      assert.throws(
        () => manager.add(fd, IN, ignore),
        (error: { code?: unknown }) => typeof error.code === 'string',
      );
      assert.equal(manager.size, 1);
      assert.equal(manager.has(fd), false);
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C3.3 a modify() that the poller refuses leaves the interest, which still delivers', ['out'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
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

    scenario('C3.4 a resume() that the poller refuses leaves it paused, and can be tried again', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      const registration = manager.add(world.ready(), IN, calls.callback);
      registration.pause();
      world.poller.refuseNext('add', new Error('no'));
      assert.throws(() => registration.resume(), /^Error: no$/);
      assert.equal(registration.paused, true);
      assert.equal(manager.wait(0), 0);
      registration.resume();
      assert.equal(registration.paused, false);
      assert.equal(manager.wait(0), 1);
    }),

    scenario('C3.5 an add() that the source refuses throws its error and changes nothing', [], (world) => {
      const manager = world.manager();
      const { fd } = world.ready();
      const listeners = countingSignal();
      const refusal = new Error('no');
      const source = {
        fd,
        [ON_ADD]: () => {
          throw refusal;
        },
      };
      assert.throws(
        () => manager.add(source, IN, ignore, { signal: listeners.signal }),
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
