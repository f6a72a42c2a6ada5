import { readFileSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { EventSet, Poller, ReadyBatch, WaitCause } from '@em/core';
import { Waker, type WakerHandle } from '@em/sys';

/** What the thread writes into shared memory: how many calls are done, and whether it waits. */
export const [DONE, WAITS] = [0, 1];

export interface Call {
  readonly method: 'add' | 'modify' | 'delete' | 'wait' | 'close';
  readonly args: readonly number[];
}

export interface Result {
  readonly error?: string | undefined;
  readonly count: number;
  readonly cause: WaitCause;
  readonly words: Uint32Array;
}

/** `epoll_wait`, `epoll_pwait` and `epoll_pwait2`, on x86-64 and arm64. */
const EPOLL_WAITS = ['232', '281', '22', '441'];

/** A poller whose epoll instance belongs to another thread, so that it can sleep there. */
export class ThreadPoller implements Poller {
  readonly #state = new Int32Array(new SharedArrayBuffer(8));
  readonly #port;
  readonly #thread: string;
  readonly #waker: Waker;
  /** The thread answers once when it has started. */
  #calls = 1;
  #isBegun = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const worker = new Worker(new URL('poller-thread.ts', import.meta.url), {
      workerData: { port: port2, state: this.#state },
      transferList: [port2],
    });
    worker.unref();
    const { thread, waker } = this.#next<{ thread: string; waker: WakerHandle }>();
    this.#thread = thread;
    this.#waker = new Waker(waker);
  }

  add(fd: number, events: EventSet, generation: number): void {
    this.#call('add', fd, events, generation);
  }

  modify(fd: number, events: EventSet, generation: number): void {
    this.#call('modify', fd, events, generation);
  }

  delete(fd: number): void {
    this.#call('delete', fd);
  }

  /** Returns what the wait that was begun has found, if there is one. */
  wait(batch: ReadyBatch, timeoutMs: number): number {
    const { count, cause, words } = this.#isBegun ? this.#result() : this.#call('wait', batch.capacity, timeoutMs);
    this.#isBegun = false;
    new Uint32Array(batch.buffer).set(words);
    batch.cause = cause;
    return count;
  }

  wake(): void {
    this.#waker.wake();
  }

  /** Begins a wait. Returns whether it sleeps now, or else has something to report. */
  fallAsleep(capacity: number): boolean {
    this.#isBegun = true;
    this.#post('wait', capacity, Number.POSITIVE_INFINITY);
    return this.sleeps();
  }

  /** Whether the wait that was begun sleeps. It is over if not. */
  sleeps(): boolean {
    while (Atomics.load(this.#state, DONE) < this.#calls) {
      const [call = ''] = readFileSync(`/proc/self/task/${this.#thread}/syscall`, 'utf8').split(' ');
      if (Atomics.load(this.#state, WAITS) === 1 && EPOLL_WAITS.includes(call)) {
        return true;
      }
    }
    return false;
  }

  close(): void {
    if (this.#waker.closed) {
      return;
    }
    this.#waker.close();
    this.#call('close');
    this.#port.close();
  }

  #call(method: Call['method'], ...args: number[]): Result {
    this.#post(method, ...args);
    return this.#result();
  }

  #post(method: Call['method'], ...args: number[]): void {
    this.#calls++;
    this.#port.postMessage({ method, args } satisfies Call);
  }

  #result(): Result {
    const result = this.#next<Result>();
    if (result.error !== undefined) {
      throw Object.assign(new Error(result.error), { code: result.error });
    }
    return result;
  }

  /** Blocks until the thread has answered. */
  #next<T>(): T {
    for (;;) {
      const done = Atomics.load(this.#state, DONE);
      const received = receiveMessageOnPort(this.#port);
      if (received !== undefined) {
        return received.message as T;
      }
      Atomics.wait(this.#state, DONE, done);
    }
  }
}
