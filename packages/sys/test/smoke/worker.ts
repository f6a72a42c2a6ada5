// A worker that owns a timer, waits in the way that it is told to, or lets its host wait, and is terminated.

import { parentPort, workerData } from 'node:worker_threads';
import { EventManager, EventSet, TimerFd } from '@em/sys';

const manager = new EventManager();
const timer = new TimerFd();
manager.add(timer, EventSet.IN, () => undefined);
parentPort?.postMessage('waiting');
if (workerData === 'wait') {
  manager.wait();
} else if (workerData === 'run') {
  await manager.run();
} else {
  setInterval(() => manager.wait(0), 1000);
}
