// Blocks in wait() without a timeout.

import { parentPort } from 'node:worker_threads';
import { EventManager } from '@em/sys';

const manager = new EventManager();
parentPort.postMessage('blocking');
manager.wait();
