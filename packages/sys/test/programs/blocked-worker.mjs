// Blocks in wait() again and again, and tells why each came back.

import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { createEventManager } from '@em/sys';

const manager = createEventManager();
// Without a listener the port would not tell the event loop of messages.
parentPort.on('message', () => undefined);
parentPort.postMessage('blocking');
for (;;) {
  manager.wait();
  parentPort.postMessage(`${manager.lastWait.cause} ${receiveMessageOnPort(parentPort)?.message}`);
}
