import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { EventManager } from '../../src/index.js';
import { addonPath } from '../support/addon-path.js';
import { onEachHostLoop } from '../support/host-loops.js';
import { expectOpened, openFiles } from '../support/open-files.js';

const program = new URL('../programs/worker.mjs', import.meta.url);
const terminations = fileURLToPath(new URL('../programs/terminations.mjs', import.meta.url));

/** Drives a manager in each of ten workers and in this thread. */
async function expectTenIndependent(loop: 'run' | 'wait', rounds: number): Promise<void> {
  using manager = new EventManager();
  const workers = Array.from({ length: 10 }, () => new Worker(program, { workerData: { loop, rounds } }));
  const counts = await Promise.all(
    workers.map(async (worker) => {
      const [[count]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return count;
    }),
  );
  expect(counts).toEqual(Array(10).fill(rounds));
  expect(manager.wait(0)).toBe(0);
}

/** Terminates a hundred workers at random moments, in a process of its own, because a fault ends the process. */
async function expectNothingLeft(loop: 'run' | 'wait'): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', terminations, '100', loop]);
  const { early, late } = JSON.parse(stdout);
  expect(late.fds).toBe(early.fds);
  expect(late.threads).toBe(early.threads);
  // A worker uses some megabytes, and 65 of them end between the two measurements. A sanitizer delays frees, and finds
  // leaks itself.
  if (process.env['ASAN_OPTIONS'] === undefined) {
    expect(late.rss - early.rss).toBeLessThan(30_000_000);
  }
}

onEachHostLoop('run() in workers', () => {
  test('managers in ten workers and in the main thread do not affect each other', async () => {
    await expectTenIndependent('run', 1000);
  });

  test('a worker can be terminated at any moment, and leaves nothing behind', async () => {
    await expectNothingLeft('run');
  }, 180_000);
});

describe('wait() in workers', () => {
  test('managers in ten workers and in the main thread do not affect each other', async () => {
    await expectTenIndependent('wait', 10_000);
  });

  test('a worker can be terminated at any moment, and leaves nothing behind', async () => {
    await expectNothingLeft('wait');
  }, 180_000);

  test('a worker that blocks without a timeout ends with code 1 when it is terminated', async () => {
    for (let round = 0; round < 10; round++) {
      const worker = new Worker(new URL('../programs/blocked-worker.mjs', import.meta.url));
      await once(worker, 'message');
      expect(await worker.terminate()).toBe(1);
    }
  });
});

test('a worker that has closed its manager leaves no fd behind', async () => {
  const run = () => once(new Worker(program, { workerData: { loop: 'wait', rounds: 1 } }), 'exit');
  await run();
  const before = openFiles();
  await run();
  await run();
  await expectOpened(before);
});

// A worker can be terminated between the call that makes an fd and the next line.
test('a worker that ends closes the fds that the addon made in it, but not files that have those numbers now', async () => {
  const run = async (source: string): Promise<unknown> => {
    const head = `const { parentPort, workerData } = require('node:worker_threads');
      const native = require(workerData);
      native.keepLedger();`;
    const worker = new Worker(head + source, { eval: true, workerData: addonPath });
    const exit = once(worker, 'exit');
    const [message] = (await once(worker, 'message')) as [unknown];
    worker.postMessage('end');
    await exit;
    return message;
  };
  await run("parentPort.once('message', () => {}); parentPort.postMessage('loaded');");
  const before = openFiles();
  await run(`native.epollCreate();
    native.eventfd(0, 0);
    native.timerfdCreate(1);
    native.pidfdOpen(process.pid);
    native.inotifyInit();
    native.pipe2(new Uint32Array(2));
    native.socketpair(1, 1, 0, new Uint32Array(2));
    native.socket(2, 1, 0);
    parentPort.once('message', () => {});
    parentPort.postMessage('made');`);
  await expectOpened(before);
  // The worker does not own what `dup` returns.
  const given = await run(`const fd = native.eventfd(0, 0);
    native.close(fd);
    const other = native.dup(0);
    parentPort.once('message', () => {});
    parentPort.postMessage(fd === other ? other : -1);`);
  expect(() => closeSync(given as number)).not.toThrow();
});

// In a process of its own, because a fault ends the process.
test.each([
  'watchFd',
  'unwatchFd',
  'refWatch',
  'unrefWatch',
  'watchFdByThread',
  'unwatchByThread',
  'rearmThread',
  'refThread',
  'unrefThread',
])('a worker that is terminated in a native call gets past %s(), which its ending environment refuses', (name) => {
  const program = fileURLToPath(new URL('../programs/call-while-terminated.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [program, addonPath, name], { encoding: 'utf8' })).toBe('1n\n');
});
