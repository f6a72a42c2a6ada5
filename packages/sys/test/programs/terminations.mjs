// Terminates workers at random moments while they run a manager, or block in its waits. argv: how many, and `run` or
// `wait`. Prints the files, threads and memory of the process after a third of them and at the end.

import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { countPathlessFiles } from './open-files.mjs';

const AT_ONCE = 5;
const rounds = Number(process.argv[2]) / AT_ONCE;
const program = new URL('woken-worker.mjs', import.meta.url);
const workerData = process.argv[3];

const lifeMs = await timeToStart();
const measured = [];
for (let round = 1; round <= rounds; round++) {
  await Promise.all(Array.from({ length: AT_ONCE }, terminateOne));
  if (round === Math.ceil(rounds / 3) || round === rounds) {
    gc();
    measured.push({
      fds: countPathlessFiles(),
      threads: await countThreads(),
      rss: process.memoryUsage.rss(),
    });
  }
}
console.log(JSON.stringify({ early: measured[0], late: measured[1] }));

/**
 * Measures how long a worker takes to start. Other workers are terminated before that time, around it, and after it.
 */
async function timeToStart() {
  const start = performance.now();
  const worker = new Worker(program, { workerData });
  await once(worker, 'message');
  await worker.terminate();
  return performance.now() - start;
}

/** The fewest of several looks: a thread that has been joined can still be listed for a moment. */
async function countThreads() {
  let fewest = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 20; look++) {
    fewest = Math.min(fewest, readdirSync('/proc/self/task').length);
    await setTimeout(5);
  }
  return fewest;
}

async function terminateOne() {
  const worker = new Worker(program, { workerData });
  const exit = once(worker, 'exit');
  await setTimeout(Math.random() * 3 * lifeMs);
  await worker.terminate();
  await exit;
}
