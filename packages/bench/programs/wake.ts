// wake WAY [ADDON]: two threads wake each other in turns. The program is one of them, and starts the other. WAY names the
// code that waits, ADDON its addon if it is not one of this repository.

import { createRequire } from 'node:module';
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { dup, EventFd, EventManager, EventSet } from '@em/sys';
import { expectReadable } from './expect-readable.ts';
import { UV_READABLE, type UvPoll } from './peers.ts';
import { takeRounds } from './take-rounds.ts';

const [way = '', addon = '']: string[] = isMainThread ? process.argv.slice(2) : workerData;

/** An eventfd that is watched, and its manager, if there is one. The function is called when it was read. */
function watchOwnEventFd(onWake: () => void): { manager: EventManager | undefined; fd: number } {
  const eventFd = new EventFd();
  if (way === 'uv-poll') {
    const { watch } = createRequire(import.meta.url)(addon) as UvPoll;
    watch(eventFd.fd, (events) => {
      expectReadable(events, UV_READABLE);
      eventFd.read();
      onWake();
    });
    return { manager: undefined, fd: eventFd.fd };
  }
  const manager = new EventManager();
  manager.add(eventFd, EventSet.IN, (events) => {
    expectReadable(events);
    eventFd.read();
    onWake();
  });
  return { manager, fd: eventFd.fd };
}

/** The eventfd of the other thread, to write to. */
function eventFdOfPeer(fd: number): EventFd {
  return EventFd.adopt(dup(fd));
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
  const peer = eventFdOfPeer(await nextMessage<number>(port));
  const { manager, fd } = watchOwnEventFd(() => void peer.write());
  port.postMessage(fd);
  if (way === 'wait') {
    for (;;) {
      manager?.wait();
    }
  }
  await manager?.run();
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
  const wake = (): void => void peer.write();
  const { manager, fd } = watchOwnEventFd(() => onWake(wake));
  worker.postMessage(fd);
  const peer = eventFdOfPeer(await nextMessage<number>(worker));
  if (way !== 'wait') {
    void manager?.run();
    await takeRounds((operations) => round(wake, operations));
    return;
  }
  await takeRounds((operations) => {
    left = operations;
    wake();
    while (left > 0) {
      manager?.wait();
    }
  });
}

if (parentPort !== null) {
  await answer(parentPort);
} else {
  await ask(new Worker(new URL(import.meta.url), { workerData: [way, addon] }));
  process.exit();
}
