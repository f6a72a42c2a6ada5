// Wakes a manager. workerData: its handle, and how often to wake it. Defaults to endless wakes.

import { parentPort, workerData } from 'node:worker_threads';
import { Waker } from '@em/sys';

const { handle, times } = workerData;
const waker = new Waker(handle);
for (let i = 0; i < (times ?? 1); i++) {
  waker.wake();
}
parentPort.postMessage('woken');
if (times === undefined) {
  setInterval(() => waker.wake(), 1);
} else {
  waker.close();
}
