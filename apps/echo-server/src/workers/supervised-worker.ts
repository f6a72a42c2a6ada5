import { ExitCode, StartError } from '../cli/start-error.js';
import { Count, Counters } from '../counters.js';
import { messageOf } from '../error-facts.js';
import type { CallOff, Log, Timers } from '../ports.js';
import type { FromWorker, ToWorker } from './messages.js';

/** How long to wait before a worker that has failed is replaced, so that one that fails at once does no harm. */
const RESTART_MS = 1000;
/** How long behind the deadline a worker may still take to end. */
const GRACE_MS = 1000;

/** The part of `Worker` of node:worker_threads that is used here. */
export interface WorkerThread {
  on(event: 'message', listener: (message: FromWorker) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  postMessage(message: ToWorker): void;
  terminate(): unknown;
}

/** What workers are supervised with. */
export interface SupervisorContext {
  readonly timers: Timers;
  readonly log: Log;
  /** Counts failures. */
  readonly counters: Counters;
  /** Starts a worker, which counts in this memory. */
  readonly spawn: (index: number, counts: SharedArrayBuffer) => WorkerThread;
}

/** A place for a worker: when the one that has it fails, another takes it, and counts on where that one has stopped. */
export class SupervisedWorker {
  readonly #index: number;
  readonly #context: SupervisorContext;
  readonly #memory = new SharedArrayBuffer(Counters.BYTES);
  readonly counters: Counters = new Counters(this.#memory);
  #thread: WorkerThread | undefined;
  /** What the thread is about to end by. */
  #failure: string | undefined;
  /** Whether it has been asked to answer, and has not yet. */
  #owesAnswer = false;
  #onReady: (() => void) | undefined;
  /** Told that the thread has ended, if that is expected. */
  #onEnd: (() => void) | undefined;
  #callOffRestart: CallOff | undefined;

  constructor(index: number, context: SupervisorContext) {
    this.#index = index;
    this.#context = context;
  }

  /** Starts it. @throws (as a rejection) StartError with `ExitCode.FAILED` if it ends before it has served. */
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

  /** Whether it has answered since it was last asked; asks it again. One that is being replaced need not. */
  isResponsive(): boolean {
    if (this.#thread === undefined || this.#owesAnswer) {
      return !this.#owesAnswer;
    }
    this.#owesAnswer = true;
    this.#thread.postMessage({ kind: 'ping' });
    return true;
  }

  /** Lets it drain, and end; one that does not is made to. */
  async drain(deadlineMs: number): Promise<void> {
    this.#callOffRestart?.();
    const thread = this.#thread;
    if (thread !== undefined) {
      const ended = new Promise<void>((resolve) => {
        this.#onEnd = resolve;
      });
      const callOff = this.#context.timers.after(deadlineMs + GRACE_MS, () => thread.terminate());
      thread.postMessage({ kind: 'drain', deadlineMs });
      await ended;
      callOff();
    }
  }

  /** Ends it at once. */
  terminate(): void {
    this.#onEnd = () => undefined;
    this.#callOffRestart?.();
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
    if (message.kind === 'ready') {
      this.#onReady?.();
    } else {
      this.#owesAnswer = false;
    }
  }

  #onExit(): void {
    this.#thread = undefined;
    this.#owesAnswer = false;
    const lost = this.#forgetConnections();
    if (this.#onEnd !== undefined) {
      this.#onEnd();
      return;
    }
    const { log, counters, timers } = this.#context;
    const reason = this.#failure ?? 'it ended';
    log.error('a worker failed, and is replaced', { worker: this.#index, connections: lost, reason });
    counters.add(Count.WORKER_FAILURES, 1);
    this.#callOffRestart = timers.after(RESTART_MS, () => this.#spawn());
  }

  /** What a thread still had when it ended went with it. Returns how many connections. */
  #forgetConnections(): number {
    const lost = this.counters.get(Count.CONNECTIONS);
    this.counters.add(Count.CUT_OFF, lost);
    for (const gauge of [Count.CONNECTIONS, Count.BUFFERED_BYTES]) {
      this.counters.add(gauge, -this.counters.get(gauge));
    }
    return lost;
  }
}
