import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EventManager } from '@em/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { close, dup, EpollPoller, EventFd, EventSet, Waker, type WakerHandle } from '../../src/index.js';
import { addonPath } from '../support/addon-path.js';
import { onEachHostLoop } from '../support/host-loops.js';
import { expectOpened, openFiles } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const wakingProgram = new URL('../programs/waking-worker.mjs', import.meta.url);
const wokenProgram = new URL('../programs/woken-worker.mjs', import.meta.url);

let poller: EpollPoller;
let manager: EventManager;

beforeEach(() => {
  poller = new EpollPoller();
  manager = new EventManager({ poller });
});

afterEach(() => {
  manager.close();
});

/** Starts a worker that wakes the manager, and waits until it ends. */
async function wakeFromWorker(handle: WakerHandle, times: number): Promise<void> {
  await once(new Worker(wakingProgram, { workerData: { handle, times } }), 'exit');
}

function expectClosed(handle: WakerHandle): void {
  expect(raises(() => new Waker(handle)).code).toBe('ERR_EM_CLOSED');
}

describe('Waker', () => {
  test('ends a wait without a timeout in another thread, with 0 and cause wake', () => {
    const worker = new Worker(wakingProgram, { workerData: { handle: poller.waker(), times: 1 } });
    expect(manager.wait()).toBe(0);
    expect(manager.lastWait.cause).toBe('wake');
    return once(worker, 'exit');
  });

  test('ends one wait, however often it wakes before it', async () => {
    await wakeFromWorker(poller.waker(), 1000);
    expect(manager.wait()).toBe(0);
    expect(manager.lastWait.cause).toBe('wake');
    manager.wait(0);
    expect(manager.lastWait.cause).toBe('timeout');
  });

  test('can be made from one handle in ten workers, and leaves nothing open', async () => {
    const handle = poller.waker();
    expect(poller.waker()).toBe(handle);
    await wakeFromWorker(handle, 1);
    manager.wait();
    const before = openFiles();
    await Promise.all(Array.from({ length: 10 }, () => wakeFromWorker(handle, 10)));
    expect(manager.wait()).toBe(0);
    expect(manager.lastWait.cause).toBe('wake');
    await expectOpened(before);
  });

  test('has an fd of its own: after it is closed, the manager and other wakers still work', () => {
    const waker = new Waker(poller.waker());
    using other = new Waker(poller.waker());
    expect(waker.fd).not.toBe(other.fd);
    waker.close();
    expect(raises(() => waker.wake()).code).toBe('ERR_EM_CLOSED');
    other.wake();
    manager.wait();
    expect(manager.lastWait.cause).toBe('wake');
  });

  test('works after a rebuild of the poller', () => {
    using waker = new Waker(poller.waker());
    poller.rebuild([]);
    waker.wake();
    manager.wait();
    expect(manager.lastWait.cause).toBe('wake');
  });

  test('of a closed manager does not wake other files that have its numbers now', () => {
    using waker = new Waker(poller.waker());
    manager.close();
    const newcomers = Array.from({ length: 4 }, () => new EventFd());
    waker.wake();
    for (const newcomer of newcomers) {
      expect(newcomer.read()).toBeUndefined();
      newcomer.close();
    }
  });

  test('cannot be made for a closed poller, and does not duplicate another file that has its number now', async () => {
    const handle = poller.waker();
    manager.close();
    expect(raises(() => poller.waker()).code).toBe('ERR_EM_CLOSED');
    const newcomers = Array.from({ length: 4 }, () => new EventFd());
    const before = openFiles();
    expectClosed(handle);
    await expectOpened(before);
    for (const newcomer of newcomers) {
      newcomer.close();
    }
  });

  test('cannot be made in a thread that loaded another copy of the addon', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'em-waker-'));
    const copy = join(folder, 'copy.node');
    copyFileSync(addonPath, copy);
    const workerData = { handle: poller.waker(), times: 1 };
    const worker = new Worker(wakingProgram, { workerData, env: { ...process.env, EM_SYS_BINDING: copy } });
    const [error] = await once(worker, 'error');
    expect(error).toMatchObject({
      code: 'ERR_EM_CLOSED',
      message: expect.stringContaining('another copy of the addon'),
    });
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 3],
    ['an empty object', {}],
    ['memory that is not shared', { sharedFd: new Uint32Array(1) }],
    ['shared memory of another type', { sharedFd: new Int32Array(new SharedArrayBuffer(4)) }],
    ['too little shared memory', { sharedFd: new Uint32Array(new SharedArrayBuffer(0)) }],
  ])('cannot be made from %s', (_, handle) => {
    expect(raises(() => Reflect.construct(Waker, [handle])).code).toBe('ERR_INVALID_ARG_TYPE');
  });
});

onEachHostLoop('a Waker and run()', () => {
  test('a wake makes run() wait once, with cause wake', async () => {
    const run = manager.run();
    await wakeFromWorker(poller.waker(), 1);
    while (manager.stats.waits === 0) {
      await setImmediate();
    }
    expect(manager.lastWait).toMatchObject({ cause: 'wake', dispatched: 0 });
    manager.stop();
    await run;
  });

  test('a wake ends a wait of run() after a rebuild of the poller', async () => {
    const orphan = new EventFd(1).detach();
    const duplicate = dup(orphan);
    const registration = manager.add(orphan, EventSet.IN, vi.fn());
    close(orphan);
    registration.delete();
    using waker = new Waker(poller.waker());
    const run = manager.run();
    while (manager.stats.waits < 2) {
      await setImmediate();
    }
    waker.wake();
    while (manager.lastWait.cause !== 'wake') {
      await setImmediate();
    }
    manager.stop();
    await run;
    close(duplicate);
  });
});

describe('Waker and terminated workers', () => {
  test.each(['run', 'wait'])(
    'the poller of a worker that was terminated in %s() counts as closed',
    async (workerData) => {
      const worker = new Worker(wokenProgram, { workerData });
      const [handle] = await once(worker, 'message');
      new Waker(handle).close();
      await worker.terminate();
      expectClosed(handle);
    },
  );

  test('the waking or the woken worker can be terminated at any moment, and leaves nothing open', async () => {
    const round = async (terminateWoken: boolean, delayTurns: number) => {
      const woken = new Worker(wokenProgram, { workerData: delayTurns % 2 === 0 ? 'run' : 'wait' });
      const [handle] = await once(woken, 'message');
      const waking = new Worker(wakingProgram, { workerData: { handle } });
      // A waker may come too late. Without a listener its error would fail the test.
      waking.on('error', (error) => expect(error).toMatchObject({ code: 'ERR_EM_CLOSED' }));
      for (let turn = 0; turn < delayTurns; turn++) {
        await setImmediate();
      }
      const [first, second] = terminateWoken ? [woken, waking] : [waking, woken];
      await first.terminate();
      await second.terminate();
      expectClosed(handle);
    };
    await round(true, 0);
    const before = openFiles();
    for (let i = 0; i < 20; i++) {
      await round(i % 2 === 0, Math.floor(Math.random() * 5000));
    }
    await expectOpened(before);
  });
});
