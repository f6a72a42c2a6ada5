// Worker threads count their finished work. The main thread gets the count without messages, inside its event loop.

import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { EventFd, EventManager, EventSet, write } from '@em/sys';

const WORKERS = 3;
const PIECES_EACH = 100;

if (isMainThread) {
  await count();
} else {
  work(workerData);
}

async function count(): Promise<void> {
  using manager = new EventManager();
  using done = new EventFd();
  let total = 0n;
  manager.add(done, EventSet.IN, () => {
    total += done.read() ?? 0n;
    if (total === BigInt(WORKERS * PIECES_EACH)) {
      manager.stop();
    }
  });
  // A worker needs only the number, because threads share their fds.
  const workers = Array.from({ length: WORKERS }, () => new Worker(new URL(import.meta.url), { workerData: done.fd }));
  await manager.run();
  console.log(`${total} pieces by ${workers.length} workers`);
}

function work(fd: number): void {
  const one = new Uint8Array(BigUint64Array.of(1n).buffer);
  for (let piece = 0; piece < PIECES_EACH; piece++) {
    write(fd, one);
  }
}
