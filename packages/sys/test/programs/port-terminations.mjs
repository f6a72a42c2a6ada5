// Terminates workers at random moments while they exchange messages with this thread. argv: how many, and how the
// workers drive their managers. Prints what was wrong, and the files of the process after a third of them and at the end.

import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { EventManager, EventSet, ThreadChannel, ThreadPort } from '@em/sys';
import { countPathlessFiles } from './open-files.mjs';

const AT_ONCE = 4;
const rounds = Math.ceil(Number(process.argv[2]) / AT_ONCE);
const drive = process.argv[3];
const program = new URL('port-worker.mjs', import.meta.url);
const manager = new EventManager();
const run = manager.run();
const wrong = [];
const fds = [];

const lifeMs = await timeToAnswer();
for (let round = 1; round <= rounds; round++) {
  await Promise.all(Array.from({ length: AT_ONCE }, terminateOne));
  if (round === Math.ceil(rounds / 3) || round === rounds) {
    fds.push(countPathlessFiles());
  }
}
manager.stop();
await run;
console.log(JSON.stringify({ wrong, fds }));

function start(task) {
  const { port1, port2 } = new ThreadChannel();
  const workerData = { port: port2, drive, task, count: 100 };
  return { worker: new Worker(program, { workerData, transferList: [port2] }), port1 };
}

async function timeToAnswer() {
  const begin = performance.now();
  const { worker, port1 } = start('flood');
  const port = new ThreadPort(port1);
  await manager.once(port, EventSet.IN);
  await worker.terminate();
  port.close();
  return performance.now() - begin;
}

/** Terminates a worker. The port, which may be opened before or after that, ends after all that the worker has sent. */
async function terminateOne() {
  const { worker, port1 } = start('flood');
  const exit = once(worker, 'exit');
  const ended = setTimeout(Math.random() < 0.5 ? 0 : Math.random() * 3 * lifeMs).then(() => echo(port1));
  await setTimeout(Math.random() * 2 * lifeMs);
  await worker.terminate();
  await exit;
  await ended;
}

/** Opens a port, and posts back what it receives, until it ends. */
function echo(port1) {
  const port = new ThreadPort(port1);
  return new Promise((resolve) => {
    let expected = 0;
    manager.add(port, EventSet.IN, () => {
      const message = port.receive();
      if (message !== undefined) {
        // The worker echoes our echoes: the same numbers, from 0 again.
        if (message !== expected++ % 100) {
          wrong.push([message, expected]);
        }
        port.post(message);
      } else if (port.ended) {
        if (port.post('too late')) {
          wrong.push('posted to a worker that has ended');
        }
        port.close();
        resolve();
      }
    });
  });
}
