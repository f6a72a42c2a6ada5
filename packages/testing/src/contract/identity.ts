import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { FdOwner } from '@em/core/fd-owner';
import { Calls } from './doubles.js';
import type { TestFd } from './harness.js';
import { type Section, scenario } from './scenario.js';

const { EMPTY, IN, OUT } = EventSet;

function ignore(): void {
  assert.fail('this callback must not be called');
}

/** An fd object as `@em/sys` has them: `close` ends the registrations first. */
class ClosableFd extends FdOwner {
  readonly fd: number;
  readonly #testFd: TestFd;

  constructor(testFd: TestFd) {
    super();
    this.fd = testFd.fd;
    this.#testFd = testFd;
  }

  protected override release(): void {
    this.#testFd.close();
  }
}

/** C4 to C6: which registration an fd stands for, and how long. */
export const identity: Section = {
  title: 'Identity',
  scenarios: [
    scenario('C4.1 modify(), delete(), get() and has() find a registration by its fd', ['out'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const registration = manager.add(testFd, IN, calls.callback);
      assert.equal(manager.has(testFd.fd), true);
      assert.equal(manager.get(testFd.fd), registration);
      manager.modify(testFd.fd, OUT);
      manager.wait(0);
      assert.deepEqual(calls.events, [OUT]);
      assert.equal(manager.delete(testFd.fd), true);
      assert.equal(manager.has(testFd.fd), false);
      assert.equal(manager.get(testFd.fd), undefined);
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C4.2 modify() of an fd that is not registered throws', [], (world) => {
      const manager = world.manager();
      assert.throws(() => manager.modify(world.testFd().fd, IN), { code: 'ERR_EM_NOT_REGISTERED' });
    }),

    scenario('C4.3 delete() returns whether the fd was registered', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      assert.equal(manager.delete(testFd.fd), false);
      const registration = manager.add(testFd, IN, ignore);
      assert.equal(registration.delete(), true);
      assert.equal(registration.delete(), false);
      assert.equal(manager.delete(testFd.fd), false);
    }),

    scenario('C4.4 size counts the registrations, and iteration returns them in order of fd', [], (world) => {
      const manager = world.manager();
      const [a, b, c] = world.testFds(3);
      for (const testFd of [b, c, a]) {
        manager.add(testFd, IN, ignore);
      }
      assert.equal(manager.size, 3);
      assert.deepEqual(fdsOf(manager), [a.fd, b.fd, c.fd]);
      manager.delete(b.fd);
      assert.equal(manager.size, 2);
      assert.deepEqual(fdsOf(manager), [a.fd, c.fd]);
    }),

    scenario('C4.5 an fd can be deleted and added again any number of times', [], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      for (let round = 0; round < 10; round++) {
        manager.add(testFd, IN, calls.callback);
        assert.equal(manager.wait(0), 1);
        manager.delete(testFd.fd);
        assert.equal(manager.wait(0), 0);
      }
      assert.equal(calls.count, 10);
    }),

    scenario('C5.1 a registration that has ended does nothing to a new registration of its fd', [], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const calls = new Calls();
      const old = manager.add(testFd, IN, ignore);
      old.delete();
      manager.add(testFd, IN, calls.callback);
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

    scenario('C6.1 an fd may be closed before its registration is deleted', ['closing'], (world) => {
      const manager = world.manager();
      const testFd = world.readyFd();
      const registration = manager.add(testFd, IN, ignore);
      testFd.close();
      assert.equal(manager.wait(0), 0);
      assert.equal(registration.delete(), true);
      assert.equal(manager.size, 0);
    }),

    scenario(
      'C6.2 the number of a closed and deleted fd can be added again at once',
      ['closing', 'fd-reuse'],
      (world) => {
        const manager = world.manager();
        const testFd = world.testFd();
        const calls = new Calls();
        manager.add(testFd, IN, ignore);
        const [newcomer] = world.reopen(testFd);
        assert.equal(manager.delete(testFd.fd), true);
        manager.add(newcomer, IN, calls.callback);
        newcomer.makeReady();
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(calls.fds, [newcomer.fd]);
      },
    ),

    scenario(
      'C6.3 the number of a closed fd can be added again without delete(), which ends the old registration',
      ['closing', 'fd-reuse'],
      (world) => {
        const manager = world.manager();
        const testFd = world.testFd();
        const calls = new Calls();
        const old = manager.add(testFd, IN, ignore);
        const [newcomer] = world.reopen(testFd);
        const registration = manager.add(newcomer, IN, calls.callback);
        assert.equal(old.active, false);
        assert.equal(manager.size, 1);
        assert.equal(old.delete(), false);
        assert.equal(manager.get(testFd.fd), registration);
        newcomer.makeReady();
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(calls.fds, [newcomer.fd]);
      },
    ),

    scenario(
      'C6.4 modify() of a closed fd throws the error of the poller, and the interest stays',
      ['closing'],
      (world) => {
        const manager = world.manager();
        const testFd = world.testFd();
        const registration = manager.add(testFd, IN, ignore);
        testFd.close();
        assert.throws(() => registration.modify(OUT), /EBADF|ENOENT/);
        assert.equal(registration.events, IN);
        assert.equal(registration.active, true);
      },
    ),

    scenario('C6.5 an fd object that ends its registrations when it is closed leaves nothing behind', [], (world) => {
      const manager = world.manager();
      const [a, b] = world.readyFds(2);
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

    scenario(
      'C6.6 the number of a closed fd can be added again at once even if its registration was paused',
      ['fd-reuse'],
      (world) => {
        const manager = world.manager();
        const testFd = world.testFd();
        const fd = new ClosableFd(testFd);
        manager.add(fd, IN, ignore).pause();
        fd.close();
        const [newcomer] = world.reopen(testFd);
        const calls = new Calls();
        manager.add(newcomer, IN, calls.callback);
        newcomer.makeReady();
        assert.equal(manager.wait(0), 1);
        assert.deepEqual(calls.fds, [newcomer.fd]);
      },
    ),
  ],
};

function fdsOf(registrations: Iterable<{ readonly fd: number }>): number[] {
  return [...registrations].map(({ fd }) => fd);
}
