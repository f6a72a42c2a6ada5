// Drives a manager in a worker. workerData: how many rounds, and `run` or `wait`.

import { parentPort, workerData } from 'node:worker_threads';
import { EventFd, EventManager, EventSet } from '@em/sys';

const { rounds, loop } = workerData;
const manager = new EventManager();
const eventFd = new EventFd();
let calls = 0;
manager.add(eventFd, EventSet.IN, () => {
  eventFd.read();
  if (++calls === rounds) {
    manager.stop();
  } else {
    eventFd.write();
  }
});
eventFd.write();
if (loop === 'run') {
  await manager.run();
} else {
  while (calls < rounds) {
    manager.wait();
  }
}
eventFd.close();
manager.close();
parentPort.postMessage(calls);
