// Runs a manager in a worker, with events all the time, until somebody terminates it.

import { parentPort } from 'node:worker_threads';
import { EventSet } from '@em/core';
import { createEventManager, EventFd } from '@em/sys';

const manager = createEventManager();
const eventFd = new EventFd(1);
let calls = 0;
manager.add(eventFd, EventSet.IN, () => {
  if (++calls === 1) {
    parentPort.postMessage('running');
  }
});
manager.run();
