import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { ClosableSource } from '@em/core/source';
import { Calls } from './calls.js';
import type { Source } from './harness.js';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT } = EventSet;

function ignore(): void {
  assert.fail('this callback is not to be called');
}

/** What fd types are like: to close one ends its registrations first. */
class ClosableFd extends ClosableSource {
  readonly fd: number;
  readonly #source: Source;

  constructor(source: Source) {
    super();
    this.fd = source.fd;
    this.#source = source;
  }

  protected override release(): void {
    this.#source.close();
  }
}

/** C4 to C6: what a number stands for, and until when. */
export const identity: Section = {
  title: 'Identity',
  scenarios: [
    scenario('C4.1 modify(), delete(), get() and has() find a registration by its fd', ['out'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const registration = manager.add(source, IN, calls.callback);
      assert.equal(manager.has(source.fd), true);
      assert.equal(manager.get(source.fd), registration);
      manager.modify(source.fd, OUT);
      manager.wait(0);
      assert.deepEqual(calls.events, [OUT]);
      assert.equal(manager.delete(source.fd), true);
      assert.equal(manager.has(source.fd), false);
      assert.equal(manager.get(source.fd), undefined);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C4.2 modify() of an fd that is not registered throws', [], (world) => {
      const manager = world.manager();
      assert.throws(() => manager.modify(world.source().fd, IN), { code: 'ERR_EM_NOT_REGISTERED' });
    }),

    scenario('C4.3 delete() says whether there was something to delete', [], (world) => {
      const manager = world.manager();
      const source = world.source();
      assert.equal(manager.delete(source.fd), false);
      const registration = manager.add(source, IN, ignore);
      assert.equal(registration.delete(), true);
      assert.equal(registration.delete(), false);
      assert.equal(manager.delete(source.fd), false);
    }),

    scenario('C4.4 size counts, and iteration goes in order of fd', [], (world) => {
      const manager = world.manager();
      const [a, b, c] = world.sources(3);
      for (const source of [b, c, a]) {
        manager.add(source, IN, ignore);
      }
      assert.equal(manager.size, 3);
      assert.deepEqual(fdsOf(manager), [a.fd, b.fd, c.fd]);
      manager.delete(b.fd);
      assert.equal(manager.size, 2);
      assert.deepEqual(fdsOf(manager), [a.fd, c.fd]);
    }),

    scenario('C4.5 what was deleted can be added again, any number of times', [], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      for (let round = 0; round < 10; round++) {
        manager.add(source, IN, calls.callback);
        assert.equal(manager.wait(0), 1);
        manager.delete(source.fd);
        assert.equal(manager.wait(0), 0);
      }
      assert.equal(calls.count, 10);
    }),

    scenario('C5.1 a handle that has ended does nothing to the newcomer on its number', [], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const calls = new Calls();
      const old = manager.add(source, IN, ignore);
      old.delete();
      manager.add(source, IN, calls.callback);
      const ended = { code: 'ERR_EM_NOT_REGISTERED' };
      assert.equal(old.active, false);
      assert.equal(old.delete(), false);
      assert.throws(() => old.modify(EMPTY), ended);
      assert.throws(() => old.enable(OUT), ended);
      assert.throws(() => old.disable(IN), ended);
      assert.throws(() => old.rearm(), ended);
      assert.throws(() => old.pause(), ended);
      assert.throws(() => old.resume(), ended);
      manager.wait(0);
      assert.deepEqual(calls.events, [IN]);
    }),

    scenario('C6.1 a source may be closed before its registration is deleted', ['closing'], (world) => {
      const manager = world.manager();
      const source = world.ready();
      const registration = manager.add(source, IN, ignore);
      source.close();
      assert.equal(manager.wait(0), 0);
      assert.equal(registration.delete(), true);
      assert.equal(manager.size, 0);
    }),

    scenario('C6.2 its number can be added again at once', ['closing', 'fd-reuse'], (world) => {
      const manager = world.manager();
      const source = world.source();
      const calls = new Calls();
      manager.add(source, IN, ignore);
      const [newcomer] = world.reopen(source);
      assert.equal(manager.delete(source.fd), true);
      manager.add(newcomer, IN, calls.callback);
      newcomer.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.fds, [newcomer.fd]);
    }),

    scenario(
      'C6.3 so can it without a delete(): the registration that had it ends',
      ['closing', 'fd-reuse'],
      (world) => {
        const manager = world.manager();
        const source = world.source();
        const calls = new Calls();
        const old = manager.add(source, IN, ignore);
        const [newcomer] = world.reopen(source);
        const registration = manager.add(newcomer, IN, calls.callback);
        assert.equal(old.active, false);
        assert.equal(manager.size, 1);
        assert.equal(old.delete(), false);
        assert.equal(manager.get(source.fd), registration);
        newcomer.makeReady();
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(calls.fds, [newcomer.fd]);
      },
    ),

    scenario(
      'C6.4 modify() after the close throws what the poller says, and the interest stays',
      ['closing'],
      (world) => {
        const manager = world.manager();
        const source = world.source();
        const registration = manager.add(source, IN, ignore);
        source.close();
        assert.throws(() => registration.modify(OUT), /EBADF|ENOENT/);
        assert.equal(registration.events, IN);
        assert.equal(registration.active, true);
      },
    ),

    scenario('C6.5 a source that ends its registrations when it is closed leaves nothing behind', [], (world) => {
      const manager = world.manager();
      const [a, b] = world.readySources(2);
      const fds = [new ClosableFd(a), new ClosableFd(b)];
      const [first, second] = fds.map((fd) => manager.add(fd, IN, ignore));
      second?.pause();
      for (const fd of fds) {
        fd.close();
      }
      assert.equal(first?.active, false);
      assert.equal(second?.active, false);
      assert.equal(manager.size, 0);
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.ready, 0);
    }),

    scenario('C6.6 its number can be added again at once, though it was paused', ['fd-reuse'], (world) => {
      const manager = world.manager();
      const source = world.source();
      const fd = new ClosableFd(source);
      manager.add(fd, IN, ignore).pause();
      fd.close();
      const [newcomer] = world.reopen(source);
      const calls = new Calls();
      manager.add(newcomer, IN, calls.callback);
      newcomer.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.deepEqual(calls.fds, [newcomer.fd]);
    }),
  ],
};

function fdsOf(registrations: Iterable<{ readonly fd: number }>): number[] {
  return [...registrations].map(({ fd }) => fd);
}
