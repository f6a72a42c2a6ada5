import { fdOf, type OnceRequest } from './arguments.js';
import { checkFd } from './check.js';
import type { Entry } from './entry.js';
import { closed, notRegistered } from './errors.js';
import { EventSet } from './event-set.js';
import type { EventIterator } from './options.js';
import type { Registry } from './registry.js';

type Result = IteratorResult<EventSet, undefined>;

interface Step {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const DONE: Result = { done: true, value: undefined };

/**
 * The events of an fd for `once` and `on`. It is a ONE_SHOT that is armed only while a step is pending, so that a slow
 * reader never gets more than it can handle. It is not an async generator: `return()` of that would wait until the
 * pending step has ended by itself.
 */
export class FdEvents implements EventIterator {
  readonly #registry: Registry;
  readonly #request: OnceRequest;
  /** The steps that have not ended, in the order in which they get events. */
  readonly #steps: Step[] = [];
  #entry: Entry | undefined;
  #isDone = false;
  /** For the next step, if none was pending when the iteration failed. */
  #failure: { readonly error: unknown } | undefined;

  constructor(registry: Registry, request: OnceRequest) {
    this.#registry = registry;
    this.#request = request;
  }

  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure.error);
        this.#failure = undefined;
      } else if (this.#isDone) {
        resolve(DONE);
      } else if (this.#steps.push({ resolve, reject }) === 1) {
        this.#arm();
      }
    });
  }

  return(): Promise<Result> {
    return new Promise((resolve) => {
      this.#end();
      resolve(DONE);
    });
  }

  throw(error?: unknown): Promise<Result> {
    return new Promise((resolve, reject) => {
      (this.#steps.shift() ?? { reject }).reject(error);
      this.#end();
      resolve(DONE);
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #arm(): void {
    const { target, fd, events, signal } = this.#request;
    try {
      if (this.#entry !== undefined) {
        this.#entry.rearm();
        return;
      }
      if (signal?.aborted) {
        throw signal.reason;
      }
      this.#entry = this.#registry.add({
        target,
        // The fd object may have been closed since `on` was called.
        fd: checkFd(fdOf(target)),
        events: EventSet.validate(events | EventSet.ONE_SHOT),
        callback: (ready) => this.#deliver(ready),
        onEnd: () =>
          this.#fail(this.#registry.closed ? closed('wait') : notRegistered('wait for', fd, 'it is not registered')),
      });
      signal?.addEventListener('abort', this.#onAbort);
      // `ON_ADD` or the signal can have ended the iteration.
      if (this.#isDone) {
        this.#end();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal?.reason);

  #deliver(value: EventSet): void {
    this.#steps.shift()?.resolve({ done: false, value });
    if (this.#steps.length > 0) {
      this.#arm();
    }
  }

  #fail(error: unknown): void {
    if (!this.#isDone) {
      const step = this.#steps.shift();
      step?.reject(error);
      this.#end();
      this.#failure = step ? undefined : { error };
    }
  }

  #end(): void {
    this.#isDone = true;
    this.#failure = undefined;
    for (const step of this.#steps.splice(0)) {
      step.resolve(DONE);
    }
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    this.#entry?.delete();
  }
}
