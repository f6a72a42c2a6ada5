// Checks what docs/troubleshooting.md says about logging in a worker that stays in wait().
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { Waker } from '../../src/index.js';

function start(woken: Int32Array): Worker {
  const program = new URL('../programs/logging-worker.mjs', import.meta.url);
  return new Worker(program, { workerData: woken, stdout: true });
}

const word = () => new Int32Array(new SharedArrayBuffer(4));

test('of what a worker logs with console.log, the first line comes at once, the rest after the worker has left wait()', async () => {
  const woken = word();
  const worker = start(woken);
  const seen: [text: string, woken: number][] = [];
  worker.stdout.setEncoding('utf8').on('data', (output) => seen.push([output, Atomics.load(woken, 0)]));
  const [[handle]] = await Promise.all([once(worker, 'message'), once(worker.stdout, 'data')]);
  using waker = new Waker(handle);
  waker.wake();
  await once(worker.stdout, 'end');
  expect(seen).toEqual([
    ['one\n', 0],
    ['two\n', 1],
    ['three\n', 1],
  ]);
});

test('if a worker is terminated in wait(), all that it has logged is lost, except the first line', async () => {
  const worker = start(word());
  const output = text(worker.stdout);
  await Promise.all([once(worker, 'message'), once(worker.stdout, 'data')]);
  await worker.terminate();
  expect(await output).toBe('one\n');
});
