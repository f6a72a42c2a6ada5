// Gives jobs to workers that block in wait(). A worker gets its next job when it has answered.

import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { EventManager, EventSet, ThreadChannel, ThreadPort } from '@em/sys';

if (isMainThread) {
  const results = await runAll(['parse', 'crash', 'sort', 'print'], 2);
  console.log(results.sort().join('\n'));
} else {
  work(new ThreadPort<string, string>(workerData));
}

async function runAll(jobs: string[], workers: number): Promise<string[]> {
  using manager = new EventManager();
  const count = jobs.length;
  const results: string[] = [];

  function finish(result: string): void {
    results.push(result);
    if (results.length === count) {
      manager.stop();
    }
  }

  function startWorker(): void {
    const { port1, port2 } = new ThreadChannel();
    new Worker(new URL(import.meta.url), { workerData: port2, transferList: [port2] });
    const port = new ThreadPort<string, string>(port1);
    let job = jobs.shift();

    function postJob(): void {
      if (job === undefined) {
        port.close(); // The worker ends.
      } else {
        port.post(job);
      }
    }
    manager.add(port, EventSet.IN, () => {
      const result = port.receive();
      if (result !== undefined) {
        finish(result);
        job = jobs.shift();
        postJob();
      } else if (port.ended) {
        port.close();
        startWorker();
        finish(`${job}: the worker has ended`);
      }
    });
    postJob();
  }

  for (let started = 0; started < workers; started++) {
    startWorker();
  }
  await manager.run();
  return results;
}

function work(port: ThreadPort<string, string>): void {
  using manager = new EventManager();
  manager.add(port, EventSet.IN, () => {
    const job = port.receive();
    if (job === 'crash') {
      process.exit(1);
    }
    if (job !== undefined) {
      port.post(`${job}: ${job.length} letters`);
    }
  });
  while (!port.ended) {
    manager.wait();
  }
  port.close();
}
