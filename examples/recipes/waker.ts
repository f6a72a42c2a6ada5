// Sends work to a thread that blocks in wait(): a message, and a wake so that the thread looks for it.

import { once } from 'node:events';
import { type MessagePort, parentPort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { EventManager, EventSet, TimerFd, Waker } from '@em/sys';

if (parentPort === null) {
  await order();
} else {
  serve(parentPort);
}

async function order(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url));
  const [handle] = await once(worker, 'message');
  using waker = new Waker(handle);
  worker.on('message', (message: string) => console.log(message));
  for (const job of ['one', 'two', 'stop']) {
    worker.postMessage(job);
    waker.wake();
  }
  await once(worker, 'exit');
}

function serve(port: MessagePort): void {
  using manager = new EventManager();
  using beat = new TimerFd();
  manager.add(beat, EventSet.IN, () => void beat.read());
  beat.set({ everyNs: 1_000_000n });
  // Plain data, which you can post to any thread.
  port.postMessage(manager.waker());

  for (let running = true; running; ) {
    manager.wait();
    // wait() blocks the event loop of this thread, so ask for messages.
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      running = next.message !== 'stop';
      port.postMessage(`${next.message}: ${running ? 'done' : 'good-bye'}`);
    }
  }
}
