import assert from 'node:assert/strict';
import type {
  AbortSignalLike,
  Attachment,
  EventCallback,
  EventSet,
  Interest,
  Poller,
  ReadyBatch,
  Registration,
} from '@em/core';

interface Call {
  readonly fd: number;
  readonly events: EventSet;
}

/** A callback that records its calls. */
export class Calls {
  #calls: Call[] = [];

  readonly callback = (events: EventSet, registration: Registration): void => {
    this.#calls.push({ fd: registration.fd, events });
  };

  /** A callback that records the call, then does something. */
  and(action: EventCallback): EventCallback {
    return (events, registration) => {
      this.callback(events, registration);
      void action(events, registration);
    };
  }

  get count(): number {
    return this.#calls.length;
  }

  /** The fds in the order of the calls. */
  get fds(): number[] {
    return this.#calls.map(({ fd }) => fd);
  }

  /** The fds in ascending order. */
  get sortedFds(): number[] {
    return this.fds.sort((a, b) => a - b);
  }

  /** The events in the order of the calls. */
  get events(): EventSet[] {
    return this.#calls.map(({ events }) => events);
  }

  clear(): void {
    this.#calls = [];
  }
}

/** More turns than it takes any promise of a manager to settle. */
const ENOUGH_TURNS = 20;

/** Ends when every promise has called its handlers. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < ENOUGH_TURNS; turn++) {
    await Promise.resolve();
  }
}

/** A callback that records its calls, and returns promises that the scenario settles. */
export class AsyncCalls extends Calls {
  readonly #pending: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  readonly asyncCallback = (events: EventSet, registration: Registration): Promise<void> => {
    this.callback(events, registration);
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  };

  /** Fulfils the promise of the earliest call whose promise is pending. */
  async fulfil(): Promise<void> {
    this.#pending.shift()?.resolve();
    await settle();
  }

  async reject(error: unknown): Promise<void> {
    this.#pending.shift()?.reject(error);
    await settle();
  }
}

/** What becomes of a promise. If it does not settle at once, the scenario fails instead of waiting without end. */
export class Outcome<T> {
  #settled: PromiseSettledResult<T> | undefined;

  constructor(promise: Promise<T>) {
    void Promise.allSettled([promise]).then(([settled]) => {
      this.#settled = settled;
    });
  }

  get isSettled(): boolean {
    return this.#settled !== undefined;
  }

  async value(): Promise<T> {
    const settled = await this.#result();
    if (settled.status === 'rejected') {
      throw settled.reason;
    }
    return settled.value;
  }

  async error(): Promise<unknown> {
    const settled = await this.#result();
    assert.ok(settled.status === 'rejected', 'the promise is fulfilled');
    return settled.reason;
  }

  async code(): Promise<unknown> {
    return ((await this.error()) as { code?: unknown }).code;
  }

  async #result(): Promise<PromiseSettledResult<T>> {
    await settle();
    const settled = this.#settled;
    assert.ok(settled, 'the promise is pending');
    return settled;
  }
}

/** A signal that never aborts, and counts its listeners. */
export function countingSignal(): { signal: AbortSignalLike; count: () => number } {
  let count = 0;
  const signal = {
    aborted: false,
    addEventListener: () => void count++,
    removeEventListener: () => void count--,
  };
  return { signal, count: () => count };
}

/** The methods that are counted, and can be made to fail. */
type Method = Exclude<keyof Poller, 'attach' | 'nowMs' | 'observer' | 'onLeftovers'>;

/** Forwards to a poller and counts the calls. A call can be made to fail once. */
export class SpyPoller implements Poller {
  readonly calls: Record<Method, number> = { add: 0, modify: 0, delete: 0, wait: 0, wake: 0, rebuild: 0, close: 0 };
  /** Present if the poller has it. */
  readonly rebuild?: (interests: readonly Interest[]) => void;
  /** Present if the poller has it. */
  readonly attach?: (onReady: () => void, interests: Iterable<Interest>) => Attachment;
  readonly #poller: Poller;
  readonly #refusals = new Map<Method, Error>();

  constructor(poller: Poller) {
    this.#poller = poller;
    const { attach, rebuild } = poller;
    if (attach !== undefined) {
      this.attach = attach.bind(poller);
    }
    if (rebuild !== undefined) {
      this.rebuild = (interests): void => {
        this.#pass('rebuild');
        rebuild.call(poller, interests);
      };
    }
  }

  get nowMs(): number | undefined {
    return this.#poller.nowMs;
  }

  /** Makes the next call of a method throw instead of reaching the poller. */
  refuseNext(method: Method, error: Error): void {
    this.#refusals.set(method, error);
  }

  add(fd: number, events: EventSet, generation: number): void {
    this.#pass('add');
    this.#poller.add(fd, events, generation);
  }

  modify(fd: number, events: EventSet, generation: number): void {
    this.#pass('modify');
    this.#poller.modify(fd, events, generation);
  }

  delete(fd: number): void {
    this.#pass('delete');
    this.#poller.delete(fd);
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    this.#pass('wait');
    return this.#poller.wait(batch, timeoutMs);
  }

  wake(): void {
    this.#pass('wake');
    this.#poller.wake();
  }

  close(): void {
    this.#pass('close');
    this.#poller.close();
  }

  #pass(method: Method): void {
    this.calls[method]++;
    const refusal = this.#refusals.get(method);
    if (refusal !== undefined) {
      this.#refusals.delete(method);
      throw refusal;
    }
  }
}
