// @em/sys: the kernel.

import { createRequire } from 'node:module';
import { EventSet } from '@em/core';
import { EventFd, EventManager, isSupported } from '@em/sys';

console.log('supported:', isSupported());
const manager = new EventManager();
const eventFd = new EventFd();
manager.add(eventFd, EventSet.IN, (events) => console.log(`${EventSet.format(events)}: ${eventFd.read()}`));
eventFd.write(3n);
manager.wait();
manager.close();
eventFd.close();

const required = createRequire(import.meta.url)('@em/sys') as typeof import('@em/sys');
console.log('require:', required.EventFd === EventFd);
