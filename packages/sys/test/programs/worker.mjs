// A manager of its own in a worker, served for so many rounds.

import { parentPort, workerData } from 'node:worker_threads';
import { EventSet } from '@em/core';
import { createEventManager, EventFd } from '@em/sys';

using manager = createEventManager();
using eventFd = new EventFd();
let calls = 0;
manager.add(eventFd, EventSet.IN, () => {
  eventFd.read();
  calls++;
});
for (let i = 0; i < workerData.rounds; i++) {
  eventFd.write();
  manager.wait();
}
parentPort.postMessage(calls);
