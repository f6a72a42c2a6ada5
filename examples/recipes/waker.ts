// Ends the wait of a thread that blocks in wait(), after changing what the thread looks at: a flag in shared memory.

import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EventManager, EventSet, TimerFd, Waker, type WakerHandle } from '@em/sys';

if (isMainThread) {
  await stopWorker(new Int32Array(new SharedArrayBuffer(4)));
} else {
  serve(workerData);
}

async function stopWorker(flag: Int32Array): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: flag });
  const [handle] = (await once(worker, 'message')) as [WakerHandle];
  using waker = new Waker(handle);
  Atomics.store(flag, 0, 1);
  waker.wake();
  await once(worker, 'exit');
  console.log('the worker has stopped');
}

function serve(flag: Int32Array): void {
  using manager = new EventManager();
  using beat = new TimerFd();
  manager.add(beat, EventSet.IN, () => void beat.read());
  beat.set({ everyNs: 1_000_000n });
  // Plain data, which you can post to any thread.
  parentPort?.postMessage(manager.waker());
  while (Atomics.load(flag, 0) === 0) {
    manager.wait();
  }
}
