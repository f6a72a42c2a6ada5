// Waits under a profiler, on the main thread or in a worker: with nothing ready until a timeout, and until an fd is
// ready. Prints the results of the waits.

import { isMainThread, Worker } from 'node:worker_threads';
import { EventManager, EventSet, TimerFd } from '@em/sys';

if (process.argv[2] === 'worker' && isMainThread) {
  new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
} else {
  const manager = new EventManager();
  const timer = new TimerFd();
  timer.set({ afterNs: 400_000_000n });
  const waits = [];
  const note = (dispatched) => waits.push(`${dispatched} ${manager.lastWait.cause}`);
  note(manager.wait(200));
  note(manager.wait(20.5));
  manager.add(timer, EventSet.IN, () => void timer.read());
  note(manager.wait());
  note(manager.wait(0));
  console.log(waits.join(', '));
}
