// Watches an eventfd that other threads watch too. workerData: the eventfd, the events to watch, another eventfd that stops
// it, `run` or `wait`, whether to read, and the counters of all threads. Posts the path of its thread.

import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { dup, EventFd, EventManager, EventSet } from '@em/sys';

const { fd, events, stopFd, drive, reads, counters } = workerData;
const [CALLS, READ] = [0, 1];

const manager = new EventManager();
const shared = EventFd.adopt(dup(fd));
let isStopped = false;

function count(index, by) {
  Atomics.add(counters, index, by);
  Atomics.notify(counters, index);
}

manager.add(shared, events, () => {
  count(CALLS, 1);
  if (reads) {
    count(READ, Number(shared.read() ?? 0n));
  }
});
manager.add(stopFd, EventSet.IN, () => {
  isStopped = true;
  manager.stop();
});
parentPort.postMessage(readlinkSync('/proc/thread-self'));
if (drive === 'run') {
  await manager.run();
} else {
  while (!isStopped) {
    manager.wait();
  }
}
