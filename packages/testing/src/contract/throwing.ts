import assert from 'node:assert/strict';
import { EventSet } from '@em/core';
import { Calls } from './doubles.js';
import { type Section, scenario } from './scenario.js';

const { IN, EDGE_TRIGGERED, ONE_SHOT } = EventSet;

/** C12 and C13: the rest of a batch after a throw, or in a wait inside a callback. */
export const throwing: Section = {
  title: 'Throwing and nesting',
  scenarios: [
    scenario('C12.1 wait() throws the error object of the callback', [], (world) => {
      const manager = world.manager();
      const error = new Error('of the callback');
      manager.add(world.readyFd(), IN, () => {
        throw error;
      });
      assert.throws(
        () => manager.wait(0),
        (thrown) => thrown === error,
      );
    }),

    scenario('C12.2 the next wait delivers the events behind a throw, and does not poll', [], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(5);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(testFd, IN, calls.and(throwAt(calls, 2)));
      }
      assert.throws(() => manager.wait(0), /^Error: call 2$/);
      assert.equal(calls.count, 2);
      assert.equal(manager.wait(0), 3);
      assert.equal(world.poller.calls.wait, 1);
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
    }),

    scenario('C12.3 if every callback throws, each is still called once', [], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(3);
      const calls = new Calls();
      const callback = calls.and(() => {
        throw new Error('again');
      });
      for (const testFd of testFds) {
        manager.add(testFd, IN, callback);
      }
      for (const _ of testFds) {
        assert.throws(() => manager.wait(0), /^Error: again$/);
      }
      assert.equal(world.poller.calls.wait, 1);
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
    }),

    scenario('C12.4 a throw loses no edge and no ONE_SHOT', ['edge-triggered', 'one-shot'], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(4);
      const calls = new Calls();
      testFds.forEach((testFd, index) => {
        const mode = index % 2 === 0 ? EDGE_TRIGGERED : ONE_SHOT;
        manager.add(testFd, IN | mode, calls.and(throwAt(calls, 1)));
      });
      assert.throws(() => manager.wait(0), /^Error: call 1$/);
      assert.equal(manager.wait(0), 3);
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
      assert.equal(manager.wait(0), 0);
    }),

    scenario('C12.5 a registration that is deleted after the throw is not called', [], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(3);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(testFd, IN, calls.and(throwAt(calls, 1)));
      }
      assert.throws(() => manager.wait(0));
      const [left] = testFds.filter(({ fd }) => !calls.fds.includes(fd));
      assert.ok(left);
      manager.delete(left.fd);
      assert.equal(manager.wait(0), 1);
      assert.equal(calls.fds.includes(left.fd), false);
      assert.equal(manager.lastWait.stale, 1);
    }),

    scenario('C12.6 a callback that throws is counted, and the rest counts for the next wait', [], (world) => {
      const manager = world.manager();
      const calls = new Calls();
      for (const testFd of world.readyFds(5)) {
        manager.add(testFd, IN, calls.and(throwAt(calls, 2)));
      }
      assert.throws(() => manager.wait(0));
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 5, dispatched: 2, stale: 0, masked: 0 });
      manager.wait(0);
      assert.deepEqual({ ...manager.lastWait }, { cause: 'events', ready: 3, dispatched: 3, stale: 0, masked: 0 });
    }),

    scenario('C12.7 with onError, every callback is called, and onError gets every error', [], (world) => {
      const handled: unknown[] = [];
      const manager = world.manager({
        onError: (error, handle) => void handled.push('fd' in handle && handle.fd, (error as Error).message),
      });
      const testFds = world.readyFds(4);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(testFd, IN, calls.and(throwAt(calls, 2)));
      }
      assert.equal(manager.wait(0), 4);
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
      assert.deepEqual(handled, [calls.fds[1], 'call 2']);
    }),

    scenario('C12.8 the next wait throws the error of a promise that a callback returned', [], async (world) => {
      const manager = world.manager();
      const error = new Error('late');
      const testFd = world.readyFd();
      manager.add(testFd, IN, () => {
        testFd.clear();
        return Promise.reject(error);
      });
      assert.equal(manager.wait(0), 1);
      await Promise.resolve();
      assert.throws(
        () => manager.wait(0),
        (thrown) => thrown === error,
      );
      assert.equal(manager.wait(0), 0);
      assert.equal(manager.lastWait.cause, 'timeout');
    }),

    scenario('C12.9 onError gets the error of a promise that a callback returned', [], async (world) => {
      const handled: unknown[] = [];
      const manager = world.manager({ onError: (error) => void handled.push(error) });
      const error = new Error('late');
      manager.add(world.readyFd(), IN, () => Promise.reject(error));
      assert.equal(manager.wait(0), 1);
      await Promise.resolve();
      assert.deepEqual(handled, [error]);
    }),

    scenario('C13.1 a wait inside a callback delivers the rest of the batch, and does not poll', [], (world) => {
      const manager = world.manager();
      const testFds = world.testFds(3);
      const calls = new Calls();
      let nested = 0;
      for (const testFd of testFds) {
        manager.add(
          testFd,
          IN,
          calls.and(() => {
            if (calls.count === 1) {
              nested = manager.wait(0);
            }
          }),
        );
      }
      assert.equal(manager.wait(0), 0);
      for (const testFd of testFds) {
        testFd.makeReady();
      }
      assert.equal(manager.wait(0), 1);
      assert.equal(nested, 2);
      assert.equal(world.poller.calls.wait, 2);
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
    }),

    scenario('C13.2 a wait inside the last callback of a batch polls', [], (world) => {
      const manager = world.manager();
      const [outer, inner] = world.testFds(2);
      const calls = new Calls();
      let nested = 0;
      manager.add(
        outer,
        IN,
        calls.and(() => {
          outer.clear();
          inner.makeReady();
          nested = manager.wait(0);
        }),
      );
      manager.add(inner, IN, calls.callback);
      outer.makeReady();
      assert.equal(manager.wait(0), 1);
      assert.equal(nested, 1);
      assert.deepEqual(calls.fds, [outer.fd, inner.fd]);
    }),

    scenario('C13.3 waits nested three levels deep deliver each event once', [], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(4);
      const calls = new Calls();
      const returned: number[] = [];
      for (const testFd of testFds) {
        manager.add(
          testFd,
          IN,
          calls.and(() => {
            if (calls.count <= 2) {
              returned.push(manager.wait(0));
            }
          }),
        );
      }
      returned.push(manager.wait(0));
      assert.deepEqual(returned, [2, 1, 1]);
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
      assert.equal(manager.stats.dispatched, 4);
    }),

    scenario('C13.4 a throw in a nested wait leaves the rest to the outer wait', [], (world) => {
      const manager = world.manager();
      const testFds = world.readyFds(4);
      const calls = new Calls();
      for (const testFd of testFds) {
        manager.add(
          testFd,
          IN,
          calls.and(() => {
            if (calls.count === 1) {
              assert.throws(() => manager.wait(0), /^Error: nested$/);
            } else if (calls.count === 2) {
              throw new Error('nested');
            }
          }),
        );
      }
      assert.equal(manager.wait(0), 3);
      assert.equal(world.poller.calls.wait, 1);
      assert.deepEqual(
        calls.sortedFds,
        testFds.map(({ fd }) => fd),
      );
    }),

    scenario(
      'C13.5 a registration that a nested wait skips as deleted is not called by the outer wait either',
      [],
      (world) => {
        const manager = world.manager();
        const testFds = world.readyFds(3);
        const calls = new Calls();
        for (const testFd of testFds) {
          manager.add(
            testFd,
            IN,
            calls.and((_events, registration) => {
              for (const { fd } of testFds.filter((one) => one.fd !== registration.fd)) {
                manager.delete(fd);
              }
              manager.wait(0);
              registration.delete();
            }),
          );
        }
        assert.ok(manager.wait(0) >= 1);
        assert.equal(new Set(calls.fds).size, 1);
        assert.equal(manager.size, 0);
      },
    ),
  ],
};

function throwAt(calls: Calls, count: number): () => void {
  return () => {
    if (calls.count === count) {
      throw new Error(`call ${count}`);
    }
  };
}
