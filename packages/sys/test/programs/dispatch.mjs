// Dispatches events from the kernel, and prints how many garbage collections happened.
// argv: how many events, and `allocate` to make garbage on purpose.

import { PerformanceObserver } from 'node:perf_hooks';
import { EventFd, EventManager, EventSet } from '@em/sys';

const [, , events, mode] = process.argv;
const manager = new EventManager();
let calls = 0;
let kept;

function count() {
  calls++;
}

function allocate(set, registration) {
  calls++;
  kept = { set, registration };
}

for (let i = 0; i < 200; i++) {
  manager.add(new EventFd(1), EventSet.IN, mode === 'allocate' ? allocate : count);
}
warmUp();

let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
observer.observe({ entryTypes: ['gc'] });
const target = calls + Number(events);
while (calls < target) {
  manager.wait(0);
}
// The observer is called in a later turn.
setTimeout(() => {
  console.log(JSON.stringify({ collections, allocates: kept !== undefined }));
  manager.close();
}, 10);

function warmUp() {
  while (calls < 200_000) {
    manager.wait(0);
  }
}
