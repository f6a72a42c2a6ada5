// Blocks in wait() for ever.

import { parentPort } from 'node:worker_threads';
import { createEventManager } from '@em/sys';

const manager = createEventManager();
parentPort.postMessage('blocking');
manager.wait();
