import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createEventManager } from '../src/index.js';
import { addonPath } from './addon-path.js';
import { onEachHostLoop } from './host-loops.js';

const program = new URL('programs/worker.mjs', import.meta.url);

test('managers in ten workers and in the main thread are strangers to each other', async () => {
  using manager = createEventManager();
  const workers = Array.from({ length: 10 }, () => new Worker(program, { workerData: { rounds: 10_000 } }));
  const counts = await Promise.all(
    workers.map(async (worker) => {
      const [[count]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return count;
    }),
  );
  expect(counts).toEqual(Array(10).fill(10_000));
  expect(manager.wait(0)).toBe(0);
});

test('a worker that has closed its manager leaves no fd behind', async () => {
  const run = () => once(new Worker(program, { workerData: { rounds: 1 } }), 'exit');
  await run();
  const before = readdirSync('/proc/self/fd').length;
  await run();
  await run();
  expect(readdirSync('/proc/self/fd').length).toBe(before);
});

onEachHostLoop('run() in a worker', () => {
  test('a worker that runs a manager can be terminated at any moment', async () => {
    const program = new URL('programs/run-worker.mjs', import.meta.url);
    for (let round = 0; round < 40; round++) {
      const worker = new Worker(program);
      const exit = once(worker, 'exit');
      if (round % 2 === 0) {
        await once(worker, 'message');
      }
      await worker.terminate();
      await exit;
    }
  });

  test('a worker that is terminated leaves no fd behind', async () => {
    const program = new URL('programs/run-worker.mjs', import.meta.url);
    const run = async () => {
      const worker = new Worker(program);
      await once(worker, 'message');
      await worker.terminate();
    };
    await run();
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 10; round++) {
      await run();
    }
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });
});

test('a worker that blocks in a wait for ever can be terminated', async () => {
  for (let round = 0; round < 10; round++) {
    const worker = new Worker(new URL('programs/blocked-worker.mjs', import.meta.url));
    await once(worker, 'message');
    expect(await worker.terminate()).toBe(1);
  }
});

// A process of its own, for it is the process that would end.
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
])('a worker that is terminated in a native call gets past %s(), which its environment refuses by then', (name) => {
  const program = fileURLToPath(new URL('programs/call-while-terminated.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [program, addonPath, name], { encoding: 'utf8' })).toBe('1n\n');
});
