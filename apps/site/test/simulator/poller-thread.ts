// The thread of a ThreadPoller: has an epoll instance, and does with it what it is asked.

import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { type MessagePort, workerData } from 'node:worker_threads';
import { ReadyBatch, type WaitCause } from '@em/core';
import { EpollPoller } from '@em/sys';
import { type Call, DONE, type Result, WAITS } from './thread-poller.ts';

const { port, state } = workerData as { port: MessagePort; state: Int32Array };
const poller = new EpollPoller();

function answer(message: unknown): void {
  port.postMessage(message);
  Atomics.add(state, DONE, 1);
  Atomics.notify(state, DONE);
}

function perform({ method, args }: Call): Result {
  const [first = 0, second = 0, third = 0] = args;
  let [count, cause, words] = [0, 'timeout' as WaitCause, new Uint32Array()];
  if (method === 'wait') {
    const batch = new ReadyBatch(first);
    Atomics.store(state, WAITS, 1);
    count = poller.wait(batch, second);
    Atomics.store(state, WAITS, 0);
    cause = batch.cause;
    words = new Uint32Array(batch.buffer);
  } else {
    poller[method](first, second, third);
  }
  return { count, cause, words };
}

port.on('message', (call: Call) => {
  try {
    answer(perform(call));
  } catch (error) {
    const { code } = error as { code?: string };
    answer({ error: code ?? String(error), count: 0, cause: 'timeout', words: new Uint32Array() } satisfies Result);
  }
  if (call.method === 'close') {
    port.close();
  }
});

answer({ thread: basename(readlinkSync('/proc/thread-self')), waker: poller.waker() });
