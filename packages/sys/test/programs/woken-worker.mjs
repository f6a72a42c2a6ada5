// Runs a manager, or blocks in its waits, until it is terminated. workerData: `run` or `wait`. Posts a handle.

import { parentPort, workerData } from 'node:worker_threads';
import { EventFd, EventManager, EventSet } from '@em/sys';

const manager = new EventManager();
const eventFd = new EventFd();
manager.add(eventFd, EventSet.IN, () => undefined);
parentPort.postMessage(manager.waker());
if (workerData === 'run') {
  await manager.run();
} else {
  for (;;) {
    manager.wait();
  }
}
