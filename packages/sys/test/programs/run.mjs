// Runs a manager inside the event loop. argv: what else there is. Says when the process ends by itself.

import { EventSet } from '@em/core';
import { createEventManager, EventFd } from '@em/sys';

const mode = process.argv[2];
const manager = createEventManager();
const eventFd = new EventFd();

if (mode !== 'nothing-registered') {
  manager.add(eventFd, EventSet.IN, () => {
    console.log('ready');
    if (mode === 'exits') {
      process.exit(0);
    }
    manager.delete(eventFd.fd);
  });
}
if (mode === 'unreferenced') {
  manager.unref();
}
process.on('exit', () => console.log('exit'));
manager.run();
if (mode === 'throws') {
  process.on('uncaughtException', ({ message }) => console.log(message));
  setTimeout(() => {
    throw new Error('as usual');
  }, 1);
}
if (mode === 'registered' || mode === 'exits' || mode === 'throws') {
  setTimeout(() => eventFd.write(), 50).unref();
}
