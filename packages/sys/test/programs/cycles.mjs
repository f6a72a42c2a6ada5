// Adds, waits and deletes many times. Prints the heap and the open fds near the start and at the end.

import { EventFd, EventManager, EventSet } from '@em/sys';
import { countPathlessFiles } from './open-files.mjs';

const manager = new EventManager();
const eventFd = new EventFd(1);
const cycles = Number(process.argv[2]);
const measured = [];
let calls = 0;

for (let i = 1; i <= cycles; i++) {
  const registration = manager.add(eventFd, EventSet.IN, () => {
    calls++;
  });
  manager.wait();
  registration.delete();
  if (i === cycles / 10 || i === cycles) {
    gc();
    measured.push({ heap: process.memoryUsage().heapUsed, fds: countPathlessFiles() });
  }
}
console.log(JSON.stringify({ calls, early: measured[0], late: measured[1] }));
