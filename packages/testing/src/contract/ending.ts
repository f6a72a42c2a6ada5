import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls, countingSignal } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN } = EventSet;
const CLOSED = { code: 'ERR_EM_CLOSED' };

function ignore(): void {
  assert.fail('this callback must not be called');
}

/** C20: the end of a manager. */
export const ending: Section = {
  title: 'Ending',
  scenarios: [
    scenario('C20.1 close() closes the poller once', [], (world) => {
      const manager = world.manager();
      manager.close();
      manager.close();
      manager[Symbol.dispose]();
      assert.equal(world.poller.calls.close, 1);
    }),

    scenario('C20.2 close() ends every registration, paused ones included', [], (world) => {
      const manager = world.manager();
      const [first, second] = world.readyFds(2).map((testFd) => manager.add(testFd, IN, ignore));
      second?.pause();
      manager.close();
      assert.equal(first?.active, false);
      assert.equal(second?.active, false);
      assert.equal(first?.delete(), false);
      assert.equal(manager.size, 0);
    }),

    scenario('C20.3 after close() every call throws', [], (world) => {
      const manager = world.manager();
      const testFd = world.testFd();
      const registration = manager.add(testFd, IN, ignore);
      manager.close();
      assert.throws(() => manager.add(testFd, IN, ignore), CLOSED);
      assert.throws(() => manager.modify(testFd.fd, IN), CLOSED);
      assert.throws(() => manager.delete(testFd.fd), CLOSED);
      assert.throws(() => manager.get(testFd.fd), CLOSED);
      assert.throws(() => manager.has(testFd.fd), CLOSED);
      assert.throws(() => manager.wait(0), CLOSED);
      assert.throws(() => manager.wake(), CLOSED);
      assert.throws(() => [...manager], CLOSED);
      assert.throws(() => registration.modify(IN), CLOSED);
      assert.throws(() => registration.pause(), CLOSED);
      assert.throws(() => registration.resume(), CLOSED);
      assert.throws(() => registration.rearm(), CLOSED);
    }),

    scenario('C20.4 close() in a callback drops the rest of the batch', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      for (const testFd of world.readyFds(3)) {
        manager.add(
          testFd,
          IN,
          calls.and(() => manager.close()),
        );
      }
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 1);
      assert.throws(() => manager.wait(0), CLOSED);
    }),

    scenario('C20.5 close() in a nested wait makes the outer wait return too', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      for (const testFd of world.readyFds(3)) {
        manager.add(
          testFd,
          IN,
          calls.and(() => (calls.count === 1 ? void manager.wait(0) : manager.close())),
        );
      }
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.count, 2);
    }),

    scenario('C20.6 close() leaves fd objects open that the manager does not own', [], (world) => {
      const closed: number[] = [];
      const manager = world.manager();
      const { fd } = world.testFd();
      manager.add({ fd, close: () => void closed.push(fd) }, IN, ignore);
      manager.close();
      assert.deepEqual(closed, []);
    }),

    scenario('C20.7 close() finishes although something fails, and throws all errors together', [], (world) => {
      const manager = world.manager();
      const [a, b, c] = world.testFds(3);
      const closed: number[] = [];
      const failing = (fd: number) => ({
        fd,
        close: () => {
          closed.push(fd);
          throw new Error(`testFd ${fd}`);
        },
      });
      manager.add(failing(a.fd), IN, ignore, { own: true });
      const between = manager.add(b, IN, ignore);
      manager.add(failing(c.fd), IN, ignore, { own: true });
      const ofPoller = new Error('poller');
      world.poller.refuseNext('close', ofPoller);
      assert.throws(
        () => manager.close(),
        (error: AggregateError & { code?: unknown }) => {
          assert.equal(error.code, 'ERR_EM_CLOSE_FAILED');
          const messages = error.errors.map(({ message }) => message).sort();
          assert.deepEqual(messages, ['poller', `testFd ${a.fd}`, `testFd ${c.fd}`].sort());
          return true;
        },
      );
      assert.deepEqual(closed, [a.fd, c.fd]);
      assert.equal(between.active, false);
      manager.close();
      assert.throws(() => manager.wait(0), CLOSED);
    }),

    scenario('C20.8 an abort after close() does nothing', [], (world) => {
      const manager = world.manager();
      const controller = new AbortController();
      manager.add(world.testFd(), IN, ignore, { signal: controller.signal });
      manager.close();
      const before = { ...world.poller.calls };
      controller.abort();
      assert.deepEqual(world.poller.calls, before);
    }),

    scenario('C20.9 close() removes the listeners from every signal', [], (world) => {
      const manager = world.manager();
      const listeners = countingSignal();
      for (const testFd of world.testFds(2)) {
        manager.add(testFd, IN, ignore, { signal: listeners.signal });
      }
      assert.equal(listeners.count(), 2);
      manager.close();
      assert.equal(listeners.count(), 0);
    }),
  ],
};
