import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EventFd, EventManager, EventSet, ThreadChannel, ThreadPort } from '@em/sys';
import { runTests, test, testUnless } from '../../../../tools/ci/runtimes/run-tests.js';

test('managers in ten workers and in the main thread do not affect each other', async () => {
  using manager = new EventManager();
  using eventFd = new EventFd();
  manager.add(eventFd, EventSet.IN, () => undefined);
  const program = new URL('../programs/worker.mjs', import.meta.url);
  const workers = Array.from({ length: 10 }, () => new Worker(program, { workerData: { rounds: 1000 } }));
  const counts = await Promise.all(
    workers.map(async (worker) => {
      const [[count]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
      return count;
    }),
  );
  assert.deepEqual(counts, Array(10).fill(1000));
  assert.equal(manager.wait(0), 0);
});

for (const drive of ['run', 'wait']) {
  test(`messages go to a worker in ${drive}() and back, and the end of the port is reported there`, async () => {
    using manager = new EventManager();
    const { port1, port2 } = new ThreadChannel();
    const program = new URL('../programs/port-worker.mjs', import.meta.url);
    const workerData = { port: port2, drive, task: 'echo' };
    const worker = new Worker(program, { workerData, transferList: [port2] });
    const exit = once(worker, 'exit');
    const port = new ThreadPort<number, number>(port1);
    const received: number[] = [];
    manager.add(port, EventSet.IN, () => {
      const message = port.receive();
      if (message !== undefined) {
        received.push(message);
        port.post(message + 1);
      }
      if (received.length === 500) {
        port.close();
        manager.stop();
      }
    });
    port.post(0);
    await manager.run();
    assert.deepEqual(received, [...Array(500).keys()]);
    await exit;
  });
}

/** Counts the timerfds, which no runtime opens for itself. */
function timers(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
  return links.filter((link) => link === 'anon_inode:[timerfd]').length;
}

/** Starts workers and terminates them while they wait. Checks that their fds are closed. */
async function terminateMany(workerData: 'wait' | 'run' | 'idle'): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const worker = new Worker(new URL('worker.js', import.meta.url), { workerData });
    await once(worker, 'message');
    assert.ok(timers() > 0);
    await worker.terminate();
  }
  while (timers() > 0) {
    await setTimeout(10);
  }
}

test('workers that are idle can be terminated, and their fds are closed', () => terminateMany('idle'));

test('workers in run() can be terminated, and their fds are closed', () => terminateMany('run'));

testUnless(
  'deno' in process.versions && 'Deno does not end a worker outside of its event loop',
  'workers that block in wait() can be terminated, and their fds are closed',
  () => terminateMany('wait'),
);

await runTests();
