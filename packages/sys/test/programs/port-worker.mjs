// Opens a port, and drives a manager by `run` or `wait` until the other end has ended. workerData: the port, how to
// drive, and what to do: `echo` each message, `flood` the other end, or `ignore` the port.

import { workerData } from 'node:worker_threads';
import { EventManager, EventSet, ThreadPort } from '@em/sys';

const { port: messagePort, drive, task, count } = workerData;
if (task !== 'ignore') {
  const manager = new EventManager();
  const port = new ThreadPort(messagePort);
  manager.add(port, EventSet.IN, () => {
    const message = port.receive();
    if (message !== undefined) {
      port.post(message);
    } else if (port.ended) {
      port.close();
      manager.stop();
    }
  });
  for (let next = 0; task === 'flood' && next < count; next++) {
    port.post(next);
  }
  if (drive === 'run') {
    await manager.run();
  } else {
    while (!port.closed) {
      manager.wait();
    }
  }
}
