import { EventEmitter } from 'node:events';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { Count, Counters } from '../../src/counters.js';
import { ExitCode } from '../../src/errors.js';
import type { WorkerThread } from '../../src/workers/supervised-worker.js';
import { WorkerPool } from '../../src/workers/worker-pool.js';
import type { FromWorker, ToWorker } from '../../src/workers/worker-side.js';
import { FakeLog } from '../fakes/fake-log.js';
import { pass } from '../fakes/settle.js';

/** A thread that does what the test says. */
class FakeThread extends EventEmitter implements WorkerThread {
  readonly index: number;
  readonly counters: Counters;
  readonly messages: ToWorker[] = [];

  constructor(index: number, counts: SharedArrayBuffer) {
    super();
    this.index = index;
    this.counters = new Counters(counts);
  }

  postMessage(message: ToWorker): void {
    this.messages.push(message);
  }

  terminate(): void {
    this.emit('exit');
  }

  tell(message: FromWorker): void {
    this.emit('message', message);
  }

  fail(message: string): void {
    this.emit('error', new Error(message));
    this.emit('exit');
  }
}

let poller: FakePoller;
let manager: EventManager;
let log: FakeLog;
let threads: FakeThread[];
let socketsClosed: boolean;

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller });
  log = new FakeLog();
  threads = [];
  socketsClosed = false;
});

function start(workers: number): Promise<WorkerPool> {
  const spawn = (index: number, counts: SharedArrayBuffer): FakeThread => {
    const thread = new FakeThread(index, counts);
    threads.push(thread);
    return thread;
  };
  return WorkerPool.start(workers, { manager, log, spawn }, () => {
    socketsClosed = true;
  });
}

async function serving(workers: number): Promise<WorkerPool> {
  const started = start(workers);
  for (const thread of threads) {
    thread.tell({ kind: 'ready' });
  }
  return await started;
}

describe('starting', () => {
  test('waits for all workers', async () => {
    let isStarted = false;
    const started = start(2).then(() => {
      isStarted = true;
    });
    threads[0]?.tell({ kind: 'ready' });
    await new Promise(setImmediate);
    expect(isStarted).toBe(false);
    threads[1]?.tell({ kind: 'ready' });
    await started;
  });

  test('fails if a worker ends before it serves, and ends the others', async () => {
    const started = start(3);
    const ended: number[] = [];
    for (const thread of threads) {
      thread.on('exit', () => ended.push(thread.index));
    }
    threads[0]?.tell({ kind: 'ready' });
    threads[1]?.fail('out of memory');
    await expect(started).rejects.toMatchObject({
      exitCode: ExitCode.FAILED,
      message: 'worker 1 did not start: out of memory',
    });
    expect(ended).toEqual([1, 0, 2]);
    pass(manager, poller, 10_000);
    expect(threads).toHaveLength(3);
    expect(log.lines).toEqual([]);
  });
});

describe('counts', () => {
  test('are summed, with those of failed workers except their gauges', async () => {
    const pool = await serving(2);
    for (const { counters, index } of threads) {
      counters.add(Count.accepted, 10 + index);
      counters.add(Count.connections, 3);
      counters.add(Count.bufferedBytes, 1000);
    }
    expect(pool.get(Count.accepted)).toBe(21);
    expect(pool.get(Count.connections)).toBe(6);
    threads[0]?.fail('broken');
    expect(pool.get(Count.accepted)).toBe(21);
    expect(pool.get(Count.connections)).toBe(3);
    expect(pool.get(Count.bufferedBytes)).toBe(1000);
    expect(pool.get(Count.cutOff)).toBe(3);
    expect(pool.get(Count.workerFailures)).toBe(1);
  });
});

describe('a worker that fails', () => {
  test('is reported, and replaced after a second by one that continues its counts', async () => {
    const pool = await serving(2);
    threads[1]?.counters.add(Count.accepted, 5);
    threads[1]?.counters.add(Count.connections, 2);
    threads[1]?.fail('broken');
    expect(log.lines).toEqual(['error a worker failed and will be replaced worker=1 connections=2 reason=broken']);
    pass(manager, poller, 999);
    expect(threads).toHaveLength(2);
    pass(manager, poller, 1);
    expect(threads[2]?.index).toBe(1);
    threads[2]?.tell({ kind: 'ready' });
    threads[2]?.counters.add(Count.accepted, 1);
    expect(pool.get(Count.accepted)).toBe(6);
  });

  test('repeatedly is replaced once per second', async () => {
    await serving(1);
    for (let i = 0; i < 5; i++) {
      threads.at(-1)?.fail('broken');
      pass(manager, poller, 1000);
    }
    expect(threads).toHaveLength(6);
    expect(log.lines).toHaveLength(5);
  });

  test('without an error is replaced too', async () => {
    await serving(1);
    threads[0]?.emit('exit');
    expect(log.lines).toEqual(['error a worker failed and will be replaced worker=0 connections=0 reason=it ended']);
  });
});

describe('a worker that does not answer', () => {
  const PING = { kind: 'ping' };
  const BEAT_MS = 3000;

  test('is terminated and replaced, and the service is degraded until its replacement serves', async () => {
    const pool = await serving(2);
    pass(manager, poller, BEAT_MS);
    expect(threads.map(({ messages }) => messages)).toEqual([[PING], [PING]]);
    threads[0]?.tell({ kind: 'pong' });
    pass(manager, poller, 2 * BEAT_MS - 1);
    expect(log.lines).toEqual([]);
    expect(pool.health).toBe('serving');
    threads[0]?.tell({ kind: 'pong' });
    pass(manager, poller, 1);
    expect(log.lines).toEqual([
      'error a worker failed and will be replaced worker=1 connections=0 reason=it did not answer',
    ]);
    expect(pool.health).toBe('degraded');
    pass(manager, poller, 1000);
    expect(pool.health).toBe('degraded');
    threads[2]?.tell({ kind: 'ready' });
    expect(pool.health).toBe('serving');
  });

  test('and does not end is stuck', async () => {
    const pool = await serving(1);
    const [thread] = threads as [FakeThread];
    thread.terminate = () => undefined;
    pass(manager, poller, 3 * BEAT_MS);
    expect(pool.health).toBe('stuck');
    thread.emit('exit');
    expect(pool.health).toBe('degraded');
  });

  test('for one period, since the process was stopped, is not replaced', async () => {
    const pool = await serving(1);
    for (let i = 0; i < 10; i++) {
      pass(manager, poller, 2 * BEAT_MS);
      threads[0]?.tell({ kind: 'pong' });
    }
    expect(pool.health).toBe('serving');
    expect(log.lines).toEqual([]);
  });

  test('while it starts is not replaced', async () => {
    await serving(1);
    threads[0]?.fail('broken');
    pass(manager, poller, 1000 + 10 * BEAT_MS);
    expect(threads).toHaveLength(2);
    expect(threads[1]?.messages).toEqual([]);
  });
});

describe('draining', () => {
  test('is sent to all workers, and waits for all', async () => {
    const pool = await serving(2);
    let isDrained = false;
    const drained = pool.drain(500).then(() => {
      isDrained = true;
    });
    expect(threads.map(({ messages }) => messages)).toEqual(Array(2).fill([{ kind: 'drain', deadlineMs: 500 }]));
    expect(socketsClosed).toBe(true);
    threads[0]?.emit('exit');
    await new Promise(setImmediate);
    expect(isDrained).toBe(false);
    threads[1]?.emit('exit');
    await drained;
    pass(manager, poller, 10_000);
    expect(threads).toHaveLength(2);
    expect(pool.get(Count.cutOff)).toBe(0);
    expect(log.lines).toEqual([]);
  });

  test('terminates a worker that has not ended a second after the deadline', async () => {
    const pool = await serving(1);
    threads[0]?.counters.add(Count.connections, 4);
    const drained = pool.drain(500);
    pass(manager, poller, 1499);
    expect(pool.get(Count.cutOff)).toBe(0);
    pass(manager, poller, 1);
    await drained;
    expect(pool.get(Count.cutOff)).toBe(4);
  });

  test('ends for a worker that fails meanwhile', async () => {
    const pool = await serving(1);
    threads[0]?.counters.add(Count.connections, 4);
    const drained = pool.drain(500);
    threads[0]?.fail('broken');
    await drained;
    expect(pool.get(Count.cutOff)).toBe(4);
    expect(pool.get(Count.workerFailures)).toBe(0);
  });

  test('does not wait for a worker that is about to be replaced', async () => {
    const pool = await serving(1);
    threads[0]?.fail('broken');
    await pool.drain(500);
    pass(manager, poller, 10_000);
    expect(threads).toHaveLength(1);
  });
});
