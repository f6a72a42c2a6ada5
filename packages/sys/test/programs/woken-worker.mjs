// Runs a manager, or blocks in its waits, until somebody terminates it. workerData: `run` or `wait`. Posts a handle.

import { parentPort, workerData } from 'node:worker_threads';
import { EventManager, EventSet } from '@em/core';
import { EpollPoller, EventFd } from '@em/sys';

const poller = new EpollPoller();
const manager = new EventManager({ poller });
const eventFd = new EventFd();
manager.add(eventFd, EventSet.IN, () => undefined);
parentPort.postMessage(poller.waker());
if (workerData === 'run') {
  await manager.run();
} else {
  for (;;) {
    manager.wait();
  }
}
