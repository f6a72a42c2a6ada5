import type { EventManager, Timer } from '@em/core';
import type { Log } from '../context.js';
import { Count, Counters } from '../counters.js';
import type { Health } from '../daemon/service.js';
import { ExitCode, messageOf, StartError } from '../errors.js';
import type { FromWorker, ToWorker } from './worker-side.js';

/** The time until a failed worker is replaced, so that a worker that always fails at once does not use all the CPU. */
const RESTART_MS = 1000;
/** The time after the deadline in which a worker must end. */
const GRACE_MS = 1000;

/** The number of {@link SupervisedWorker.beat} calls after which a worker that has not answered is replaced. */
const MAX_MISSED = 2;

/** The part of `Worker` (node:worker_threads) that is used here. */
export interface WorkerThread {
  on(event: 'message', listener: (message: FromWorker) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  postMessage(message: ToWorker): void;
  terminate(): unknown;
}

/** What a {@link SupervisedWorker} works with. */
export interface SupervisorContext {
  readonly manager: EventManager;
  readonly log: Log;
  /** For the failures of all workers. */
  readonly counters: Counters;
  /** Starts a worker that uses this memory for its counts. */
  readonly spawn: (index: number, counts: SharedArrayBuffer) => WorkerThread;
}

/** A worker, and its replacement if it fails. The replacement continues its counts. */
export class SupervisedWorker {
  readonly #index: number;
  readonly #context: SupervisorContext;
  readonly #memory = new SharedArrayBuffer(Counters.BYTES);
  readonly counters: Counters = new Counters(this.#memory);
  #thread: WorkerThread | undefined;
  /** The error that is about to end the thread. */
  #failure: string | undefined;
  #isServing = false;
  /** The number of beats since the ping that is not answered yet; 0 if the last one is. */
  #missed = 0;
  #onReady: (() => void) | undefined;
  /** Called when the thread ends, if that is expected. */
  #onEnd: (() => void) | undefined;
  #restart: Timer | undefined;

  constructor(index: number, context: SupervisorContext) {
    this.#index = index;
    this.#context = context;
  }

  /**
   * Starts the worker. Resolves when it serves.
   *
   * @throws (as a rejection) StartError with `ExitCode.FAILED` if it ends before that.
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onReady = () => {
        this.#onReady = this.#onEnd = undefined;
        resolve();
      };
      this.#onEnd = () => {
        const reason = this.#failure ?? 'it ended';
        reject(new StartError(ExitCode.FAILED, `worker ${this.#index} did not start: ${reason}`));
      };
      this.#spawn();
    });
  }

  get health(): Health {
    if (this.#missed > MAX_MISSED) {
      return 'stuck';
    }
    return this.#isServing ? 'serving' : 'degraded';
  }

  /**
   * To be called periodically: asks the worker to answer, and replaces one that does not.
   *
   * A single missed beat proves nothing: when a stopped process continues, the timer can be earlier than the answer.
   */
  beat(): void {
    if (!this.#isServing) {
      return;
    }
    if (this.#missed === 0) {
      this.#thread?.postMessage({ kind: 'ping' });
    } else if (this.#missed === MAX_MISSED) {
      this.#failure = 'it did not answer';
      this.#thread?.terminate();
    }
    this.#missed++;
  }

  /** Lets the worker drain and end. Terminates it if it does not end in time. */
  async drain(deadlineMs: number): Promise<void> {
    this.#restart?.cancel();
    const thread = this.#thread;
    if (thread !== undefined) {
      const ended = new Promise<void>((resolve) => {
        this.#onEnd = resolve;
      });
      const timer = this.#context.manager.after(deadlineMs + GRACE_MS, () => thread.terminate());
      thread.postMessage({ kind: 'drain', deadlineMs });
      await ended;
      timer.cancel();
    }
  }

  /** Ends the worker at once. */
  terminate(): void {
    this.#onEnd = () => undefined;
    this.#restart?.cancel();
    this.#thread?.terminate();
  }

  #spawn(): void {
    const thread = this.#context.spawn(this.#index, this.#memory);
    this.#thread = thread;
    this.#failure = undefined;
    thread.on('message', (message) => this.#onMessage(message));
    thread.on('error', (error) => {
      this.#failure = messageOf(error);
    });
    thread.on('exit', () => this.#onExit());
  }

  #onMessage(message: FromWorker): void {
    this.#missed = 0;
    if (message.kind === 'ready') {
      this.#isServing = true;
      this.#onReady?.();
    }
  }

  #onExit(): void {
    this.#thread = undefined;
    this.#isServing = false;
    this.#missed = 0;
    const lost = this.#forgetConnections();
    if (this.#onEnd !== undefined) {
      this.#onEnd();
      return;
    }
    const { log, counters, manager } = this.#context;
    const reason = this.#failure ?? 'it ended';
    log.error('a worker failed and will be replaced', { worker: this.#index, connections: lost, reason });
    counters.add(Count.workerFailures, 1);
    this.#restart = manager.after(RESTART_MS, () => this.#spawn());
  }

  /** Resets the gauges of a thread that has ended. Returns the number of connections that it still had. */
  #forgetConnections(): number {
    const lost = this.counters.get(Count.connections);
    this.counters.add(Count.cutOff, lost);
    for (const gauge of [Count.connections, Count.bufferedBytes]) {
      this.counters.add(gauge, -this.counters.get(gauge));
    }
    return lost;
  }
}
