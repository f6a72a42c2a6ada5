// Logs lines, and blocks in wait() until it is woken. Then sets the word in workerData, and returns to its event loop.

import { parentPort, workerData } from 'node:worker_threads';
import { EventManager } from '@em/sys';

const manager = new EventManager();
console.log('one');
console.log('two');
console.log('three');
parentPort.postMessage(manager.waker());
manager.wait();
Atomics.store(workerData, 0, 1);
manager.close();
