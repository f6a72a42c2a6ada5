// Makes a Waker from a forged handle, in this thread and in a worker, and prints the outcome. Then ends the worker, the
// worker that owns a poller, its own poller, and the process.
//
// argv: the kind of memory and its words, in JSON. 'mark' stands for the word of a genuine handle, 'stranger' for an fd
// that does not belong to a poller. stdin: a file, which is also the file of that fd.

import { once } from 'node:events';
import { openSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EpollPoller, Waker } from '@em/sys';

function wakeBy(handle) {
  try {
    const waker = new Waker(handle);
    waker.wake();
    waker.close();
    return 'woken';
  } catch (error) {
    return error.code;
  }
}

function forge(memory, words, genuine) {
  if (memory === 'genuine') {
    genuine.sharedFd.set(words);
    return genuine;
  }
  const buffer = memory === 'plain' ? new ArrayBuffer(4 * words.length) : new SharedArrayBuffer(4 * words.length);
  const sharedFd = new Uint32Array(buffer);
  sharedFd.set(words);
  return { sharedFd };
}

if (isMainThread) {
  const stranger = openSync('/proc/self/fd/0', 'r+');
  const [memory, template] = JSON.parse(process.argv[2]);
  const owner = new Worker(new URL(import.meta.url));
  const [lent] = await once(owner, 'message');
  const poller = new EpollPoller();
  for (const genuine of [poller.waker(), lent]) {
    const [mark] = genuine.sharedFd;
    const words = template.map((word) => ({ mark, stranger })[word] ?? word);
    const handle = forge(memory, words, genuine);
    const worker = new Worker(new URL(import.meta.url), { workerData: handle });
    const [outcome] = await once(worker, 'message');
    console.log(outcome, wakeBy(handle));
    await worker.terminate();
  }
  await owner.terminate();
  poller.close();
  process.exit();
} else if (workerData) {
  parentPort.postMessage(wakeBy(workerData));
  setInterval(() => undefined, 1000);
} else {
  parentPort.postMessage(new EpollPoller().waker());
  setInterval(() => undefined, 1000);
}
