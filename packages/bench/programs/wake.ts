// wake WAY: two threads wake each other in turns. The program is one of them, and starts the other.

import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { EventFd, EventManager, EventSet, write } from '@em/sys';
import { expectReadable } from './expect-readable.ts';
import { takeRounds } from './take-rounds.ts';

const way: string = isMainThread ? (process.argv[2] ?? '') : workerData;
const one = new Uint8Array(new BigUint64Array([1n]).buffer);

/** A manager with an eventfd, and the function to call when that was read. */
function watchOwnEventFd(onWake: () => void): { manager: EventManager; fd: number } {
  const manager = new EventManager();
  const eventFd = new EventFd();
  manager.add(eventFd, EventSet.IN, (events) => {
    expectReadable(events);
    eventFd.read();
    onWake();
  });
  return { manager, fd: eventFd.fd };
}

function nextMessage<M>(port: Worker | MessagePort): Promise<M> {
  return new Promise((resolve) => port.once('message', resolve));
}

/** The other thread: answers every wake with a wake. */
async function answer(port: MessagePort): Promise<void> {
  if (way === 'post-message') {
    port.on('message', () => port.postMessage(undefined));
    return;
  }
  if (way === 'atomics') {
    const turns = await nextMessage<Int32Array<SharedArrayBuffer>>(port);
    for (;;) {
      Atomics.wait(turns, 0, 0);
      Atomics.store(turns, 0, 0);
      Atomics.notify(turns, 0);
    }
  }
  const peer = await nextMessage<number>(port);
  const { manager, fd } = watchOwnEventFd(() => void write(peer, one));
  port.postMessage(fd);
  if (way === 'run') {
    await manager.run();
  }
  for (;;) {
    manager.wait();
  }
}

/** This thread: wakes the other, waits to be woken. */
async function ask(worker: Worker): Promise<void> {
  let left = 0;
  let done: () => void = () => undefined;
  const round = (wake: () => void, operations: number): Promise<void> => {
    left = operations;
    wake();
    return new Promise((resolve) => {
      done = resolve;
    });
  };
  const onWake = (wake: () => void): void => {
    left--;
    if (left > 0) {
      wake();
    } else {
      done();
    }
  };
  if (way === 'post-message') {
    const wake = (): void => worker.postMessage(undefined);
    worker.on('message', () => onWake(wake));
    await takeRounds((operations) => round(wake, operations));
    return;
  }
  if (way === 'atomics') {
    const turns = new Int32Array(new SharedArrayBuffer(4));
    worker.postMessage(turns);
    await takeRounds((operations) => {
      for (let i = 0; i < operations; i++) {
        Atomics.store(turns, 0, 1);
        Atomics.notify(turns, 0);
        Atomics.wait(turns, 0, 1);
      }
    });
    return;
  }
  const wake = (): void => void write(peer, one);
  const { manager, fd } = watchOwnEventFd(() => onWake(wake));
  worker.postMessage(fd);
  const peer = await nextMessage<number>(worker);
  if (way === 'run') {
    void manager.run();
    await takeRounds((operations) => round(wake, operations));
    return;
  }
  await takeRounds((operations) => {
    left = operations;
    wake();
    while (left > 0) {
      manager.wait();
    }
  });
}

if (parentPort !== null) {
  await answer(parentPort);
} else {
  await ask(new Worker(new URL(import.meta.url), { workerData: way }));
  process.exit();
}
