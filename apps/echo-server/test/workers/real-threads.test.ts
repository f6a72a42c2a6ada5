import { Worker } from 'node:worker_threads';
import { EventManager } from '@em/sys';
import { expect, test } from 'vitest';
import { Count } from '../../src/counters.js';
import { WorkerPool } from '../../src/workers/worker-pool.js';
import { FakeLog } from '../fakes/fake-log.js';
import { until } from '../until.js';

/** Counts one connection, and throws when it gets 'ping'. */
const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const counts = new Float64Array(workerData.counts);
  counts[${Count.connections}] += 1;
  counts[${Count.accepted}] += 1;
  parentPort.on('message', ({ kind }) => {
    if (kind !== 'drain') {
      throw new Error('broken');
    }
    parentPort.close();
  });
  parentPort.postMessage({ kind: 'ready' });
`;

test('a thread that throws is reported and replaced, and the counts continue', async () => {
  const log = new FakeLog();
  const manager = new EventManager();
  const running = manager.run();
  const threads: Worker[] = [];
  const spawn = (_index: number, counts: SharedArrayBuffer): Worker => {
    const thread = new Worker(PROGRAM, { eval: true, workerData: { counts } });
    threads.push(thread);
    return thread;
  };
  const pool = await WorkerPool.start(2, { manager, log, spawn }, () => undefined);
  expect(pool.get(Count.connections)).toBe(2);

  threads[0]?.postMessage({ kind: 'fail' });
  await until('it has failed', () => log.lines.length > 0);
  expect(log.lines).toEqual(['error a worker failed and will be replaced worker=0 connections=1 reason=broken']);
  expect(pool.get(Count.connections)).toBe(1);

  await until('it is replaced', () => pool.get(Count.connections) === 2);
  expect(pool.get(Count.accepted)).toBe(3);
  await pool.drain(1000);
  expect(pool.get(Count.connections)).toBe(0);
  manager.close();
  await running;
});
