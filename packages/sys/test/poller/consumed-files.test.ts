import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EventManager } from '@em/core';
import { describe, expect, test, vi } from 'vitest';
import { close, dup, EpollPoller, EventFd, EventSet } from '../../src/index.js';
import { onEachHostLoop } from '../support/host-loops.js';
import { lackOfMountNamespaces, MOUNT_NAMESPACE, testIf } from '../support/named-skip.js';
import { expectOpened, openFiles } from '../support/open-files.js';
import { openWithNumber, withNumber } from '../support/with-number.js';

const { EDGE_TRIGGERED, IN, ONE_SHOT, PRIORITY } = EventSet;
const program = fileURLToPath(new URL('../programs/consumed.mjs', import.meta.url));
const lack = lackOfMountNamespaces();

describe('a file whose poll consumes the event', () => {
  onEachHostLoop('reports every change of /proc/self/mounts', () => {
    for (const mode of [
      'added-before',
      'added-after',
      'added-again',
      'paused',
      'once',
      'on',
      'nested-before',
      'nested-after',
    ]) {
      testIf(lack, `under run(): ${mode}`, async () => {
        const run = promisify(execFile)('unshare', [...MOUNT_NAMESPACE, process.execPath, program, mode], {
          timeout: 50_000,
        });
        expect((await run).stdout).toBe('6 of 6\n');
      });
    }
  });

  for (const mode of ['add-wait', 'once-wait', 'on-wait']) {
    testIf(lack, `reports every change of /proc/self/mounts to a loop of wait(): ${mode}`, async () => {
      const run = promisify(execFile)('unshare', [...MOUNT_NAMESPACE, process.execPath, program, mode], {
        timeout: 50_000,
      });
      expect((await run).stdout).toBe('6 of 6\n');
    });
  }

  onEachHostLoop('a pressure trigger', () => {
    testIf(existsSync('/proc/pressure/cpu') ? undefined : 'no PSI', 'reports under run()', async () => {
      using manager = new EventManager({ poller: new EpollPoller() });
      const fd = openSync('/proc/pressure/cpu', 'r+');
      writeSync(fd, 'some 20000 2000000\0');
      const run = manager.run();
      const hogs = Array.from({ length: availableParallelism() + 2 }, () =>
        spawn(process.execPath, ['-e', 'for (;;) {}'], { stdio: 'ignore' }),
      );
      try {
        let reports = 0;
        manager.add(fd, PRIORITY, (events) => {
          expect(events).toBe(PRIORITY);
          reports++;
        });
        await vi.waitFor(() => expect(reports).toBeGreaterThan(1), { timeout: 50_000 });
      } finally {
        manager.close();
        await run;
        closeSync(fd);
        for (const hog of hogs) {
          hog.kill('SIGKILL');
        }
      }
    });
  });
});

/** Makes a manager that has run once, so that it watches such files apart. */
function shared() {
  const poller = new EpollPoller();
  const manager = new EventManager({ poller, capacity: 2 });
  void manager.run();
  manager.stop();
  return { poller, manager };
}

describe('a file that is watched apart', () => {
  test('is reported again and again while it is ready, and starves no other fd', () => {
    const { manager } = shared();
    using eventFd = new EventFd(1);
    using another = new EventFd(1);
    const fd = openSync('/proc/self/mounts', 'r');
    const calls = { file: 0, eventFd: 0, another: 0 };
    manager.add(fd, IN, () => void calls.file++);
    manager.add(eventFd, IN, () => void calls.eventFd++);
    manager.add(another, IN, () => void calls.another++);
    for (let turn = 0; turn < 30; turn++) {
      expect(manager.wait()).toBeGreaterThan(0);
    }
    expect(Math.min(...Object.values(calls))).toBeGreaterThanOrEqual(10);
    manager.close();
    closeSync(fd);
  });

  test('is reported once if edge-triggered or ONE_SHOT, and again when it is re-armed', () => {
    const { manager } = shared();
    const fd = openSync('/proc/self/mounts', 'r');
    const callback = vi.fn();
    const registration = manager.add(fd, IN | ONE_SHOT, callback);
    expect(manager.wait()).toBe(1);
    expect(manager.wait(0)).toBe(0);
    registration.rearm();
    expect(manager.wait()).toBe(1);
    registration.modify(EventSet.union(IN, EDGE_TRIGGERED));
    callback.mockClear();
    for (let turn = 0; turn < 1000; turn++) {
      manager.wait(0);
    }
    // Twice if the thread, too, reports what adding the file has found. A level-triggered file is called a thousand
    // times.
    expect(callback.mock.calls.length).toBeLessThanOrEqual(2);
    manager.close();
    closeSync(fd);
  });

  test('cannot be added twice, passes the audit, and stays over a rebuild', () => {
    const { poller, manager } = shared();
    const fd = openSync('/proc/self/mounts', 'r');
    const callback = vi.fn();
    manager.add(fd, IN, callback);
    expect(() => manager.add(fd, IN, vi.fn())).toThrow(expect.objectContaining({ code: 'ERR_EM_ALREADY_REGISTERED' }));
    expect(poller.audit(manager)).toEqual([]);
    poller.rebuild([...manager]);
    expect(manager.wait()).toBe(1);
    expect(poller.audit(manager)).toEqual([]);
    manager.close();
    closeSync(fd);
  });

  test('is reported by the audit once it is closed, and its number can be added again for another file', () => {
    const { poller, manager } = shared();
    const fd = openSync('/proc/self/mounts', 'r');
    manager.add(fd, IN, vi.fn());
    closeSync(fd);
    expect(poller.audit(manager)).toMatchObject([{ kind: 'closed', fd }]);
    using eventFd = withNumber(fd, () => new EventFd(1));
    const callback = vi.fn();
    manager.add(eventFd, IN, callback);
    expect(manager.wait()).toBe(1);
    expect(callback).toHaveBeenCalledOnce();
    expect(manager.size).toBe(1);
    manager.close();
  });

  test('that is an orphan can be added again when its number is the same file again', () => {
    const { poller, manager } = shared();
    const fd = openSync('/proc/self/mounts', 'r');
    const duplicate = dup(fd);
    const registration = manager.add(fd, IN, vi.fn());
    closeSync(fd);
    registration.delete();
    expect(poller.audit(manager)).toMatchObject([{ kind: 'orphan', fd }]);
    openWithNumber(fd, () => dup(duplicate));
    const callback = vi.fn();
    manager.add(fd, IN, callback);
    expect(manager.wait()).toBe(1);
    expect(callback).toHaveBeenCalledOnce();
    expect(poller.audit(manager)).toEqual([]);
    manager.close();
    close(fd);
    close(duplicate);
  });

  test('leaves no thread and no fd behind when the manager is closed', async () => {
    const before = openFiles();
    const { manager } = shared();
    const fd = openSync('/proc/self/mounts', 'r');
    manager.add(fd, IN, vi.fn());
    manager.close();
    closeSync(fd);
    await expectOpened(before);
  });
});
