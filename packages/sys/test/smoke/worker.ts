// A worker that owns a timer, and waits until it is terminated. workerData: `wait`, `run` or `idle`.

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
