// Terminates a worker in a native call, and lets it make another one while its environment is ending.
// argv: the addon, and the name of the other call. Prints how often the worker returned from it.

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [, , addon, name] = process.argv;
const native = createRequire(import.meta.url)(addon);
const counter = new BigUint64Array([1n]);
const bytes = new Uint8Array(counter.buffer);

if (isMainThread) {
  const goOn = native.eventfd(0, 0);
  const done = native.eventfd(0, 0);
  const worker = new Worker(new URL(import.meta.url), { argv: [addon, name], workerData: { goOn, done } });
  await once(worker, 'message');
  const terminated = worker.terminate();
  native.write(goOn, bytes, 0, 8);
  await terminated;
  native.read(done, bytes, 0, 8);
  console.log(counter[0]);
} else {
  const { goOn, done } = workerData;
  const { epollWait, write } = native;
  const epollFd = native.epollCreate();
  const watched = native.eventfd(0, 0);
  const watchFd = /Thread/.test(name) ? native.watchFdByThread : native.watchFd;
  const entries = new ArrayBuffer(12);
  const watch = watchFd(watched, () => undefined, entries);
  const args = name.startsWith('watchFd') ? [epollFd, () => undefined, entries] : [watch];
  const call = native[name].bind(undefined, ...args);
  native.epollAdd(epollFd, goOn, 1, 1);
  parentPort.postMessage('ready');
  // The worker does not notice the termination between native calls.
  epollWait(epollFd, entries, Number.POSITIVE_INFINITY);
  call();
  write(done, bytes, 0, 8);
}
