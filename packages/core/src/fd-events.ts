import type { OnceRequest } from './arguments.js';
import type { Drive } from './drive.js';
import { timedOut } from './errors.js';
import type { EventSet } from './event-set.js';
import { FdWaiters, type Waiter } from './fd-waiters.js';
import type { EventIterator } from './options.js';
import type { Registry } from './registry.js';
import { follow } from './signal.js';

type Result = IteratorResult<EventSet | undefined, undefined>;

interface Step {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Cancels its timeout. */
  callOff?: () => void;
}

const DONE: Result = { done: true, value: undefined };

/**
 * The steps of one `once` or `on`. They wait only while a step is pending, so that a slow reader never gets more than it
 * can handle.
 */
export class FdTask implements Waiter {
  readonly #registry: Registry;
  readonly #drive: Drive;
  readonly #request: OnceRequest;
  /** The steps that have not ended, in the order in which they get events. */
  readonly #steps: Step[] = [];
  #waiters: FdWaiters | undefined;
  /** Stops listening to the signal. */
  #detach: (() => void) | undefined;
  #isDone = false;
  /** For the next step, if none was pending when the iteration failed. */
  #failure: { readonly error: unknown } | undefined;

  constructor(registry: Registry, drive: Drive, request: OnceRequest) {
    this.#registry = registry;
    this.#drive = drive;
    this.#request = request;
  }

  get wanted(): EventSet | undefined {
    return this.#steps.length > 0 ? this.#request.events : undefined;
  }

  start(step: Step): void {
    if (this.#failure !== undefined) {
      step.reject(this.#failure.error);
      this.#failure = undefined;
    } else if (this.#isDone) {
      step.resolve(DONE);
    } else {
      if (this.#steps.push(step) === 1) {
        this.#arm();
      }
      this.#limit(step);
    }
  }

  /** Ends the task. The pending steps end without a result. */
  end(): void {
    this.#isDone = true;
    this.#failure = undefined;
    for (let step = this.#take(); step !== undefined; step = this.#take()) {
      step.resolve(DONE);
    }
    this.#detach?.();
    this.#waiters?.leave(this);
  }

  /** Ends the task. The first pending step rejects, or else what is given. */
  throw(error: unknown, otherwise: { readonly reject: (error: unknown) => void }): void {
    (this.#take() ?? otherwise).reject(error);
    this.end();
  }

  deliver(value: EventSet): void {
    this.#take()?.resolve({ done: false, value });
  }

  fail(error: unknown): void {
    if (!this.#isDone) {
      const step = this.#take();
      step?.reject(error);
      this.end();
      this.#failure = step ? undefined : { error };
    }
  }

  #arm(): void {
    const { target, events, signal } = this.#request;
    if (this.#waiters !== undefined) {
      this.#waiters.update();
      return;
    }
    try {
      this.#detach = signal && follow(signal, () => this.fail(signal.reason));
      this.#waiters = FdWaiters.join(this.#registry, target, events, this);
      // `ON_ADD` or the signal can have ended the task.
      if (this.#isDone) {
        this.end();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  #limit(step: Step): void {
    const { timeoutMs } = this.#request;
    this.#drive.watch();
    if (timeoutMs !== Number.POSITIVE_INFINITY && this.#steps.includes(step)) {
      step.callOff = this.#drive.after(timeoutMs, (isDriven) => this.#timeOut(isDriven));
    }
  }

  /** It is the first step that has timed out, because all have the same timeout. */
  #timeOut(isDriven: boolean): void {
    const { fd, timeoutMs, throwIfTimedOut } = this.#request;
    if (throwIfTimedOut) {
      this.fail(timedOut(fd, timeoutMs, isDriven));
    } else {
      this.#take()?.resolve({ done: false, value: undefined });
      this.#waiters?.update();
    }
  }

  #take(): Step | undefined {
    const step = this.#steps.shift();
    step?.callOff?.();
    return step;
  }
}

/** It is not an async generator: `return()` of that would wait until the pending step has ended by itself. */
export class FdEvents implements EventIterator<EventSet | undefined> {
  readonly #task: FdTask;

  constructor(task: FdTask) {
    this.#task = task;
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => this.#task.start({ resolve, reject }));
  }

  return(): Promise<Result> {
    return new Promise((resolve) => {
      this.#task.end();
      resolve(DONE);
    });
  }

  throw(error?: unknown): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#task.throw(error, { reject });
      resolve(DONE);
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
