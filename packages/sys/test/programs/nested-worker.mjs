// Runs a manager inside another one, beside a file whose poll consumes events. Posts the fd of the inner one.

import { openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { EventFd, EventManager, EventSet } from '@em/sys';

const outer = new EventManager();
const inner = new EventManager();
const eventFd = new EventFd();
inner.add(eventFd, EventSet.IN, () => {
  eventFd.read();
  eventFd.write();
});
inner.add(openSync('/proc/self/mounts', 'r'), EventSet.IN, () => undefined);
outer.add(inner, EventSet.IN, () => {
  inner.wait(0);
  parentPort.postMessage(inner.fd);
});
eventFd.write();
await outer.run();
