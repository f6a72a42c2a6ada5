import assert from 'node:assert/strict';
import {
  EventManager,
  type EventManagerOptions,
  type EventSet,
  type Poller,
  ReadyBatch,
  type WaitCause,
} from '@em/core';
import { SpyPoller } from './doubles.js';
import type { ConsumingFd, HangUpFd, Harness, RefusedFd, TestFd } from './harness.js';

interface Closable {
  close(): void;
}

/** An array of N elements: destructuring it yields no `undefined`. */
type Tuple<N extends number, T, A extends T[] = []> = A['length'] extends N ? A : Tuple<N, T, [...A, T]>;

/** One entry of a batch. */
interface Entry {
  readonly fd: number;
  readonly events: EventSet;
  readonly generation: number;
}

/** The result of one wait of a poller. */
export interface Report {
  readonly cause: WaitCause;
  readonly entries: Entry[];
}

/** Other threads open and close fds too, so it may take several attempts until a new fd has a given number. */
const REOPEN_ATTEMPTS = 64;

/** More than any scenario needs, on a slow machine, too. */
const MOST_TIMES = 5_000;

/** What a scenario works with: a poller, managers on it, and fds. Disposing closes them all. */
export class World {
  /** Counts the calls that a manager makes. */
  readonly poller: SpyPoller;
  readonly #harness: Harness;
  readonly #innerPoller: Poller;
  readonly #closables: Closable[] = [];

  private constructor(harness: Harness, poller: Poller) {
    this.#harness = harness;
    this.#innerPoller = poller;
    this.poller = new SpyPoller(poller);
  }

  static of<P extends Poller>(harness: Harness<P>): World {
    // Every method of the harness is called only with the poller made here, which is a P.
    return new World(harness as Harness<Poller>, harness.createPoller());
  }

  get nowMs(): number {
    return this.poller.nowMs ?? performance.now();
  }

  manager(options: Omit<EventManagerOptions, 'poller'> = {}): EventManager {
    return new EventManager({ poller: this.poller, ...options });
  }

  testFd(): TestFd {
    return this.#closedAtTheEnd(this.#harness.createFd(this.#innerPoller));
  }

  readyFd(): TestFd {
    const testFd = this.testFd();
    testFd.makeReady();
    return testFd;
  }

  /** Fds that are not ready, in ascending order. */
  testFds<N extends number>(count: N): Tuple<N, TestFd> {
    return inOrderOfFd(count, () => this.testFd());
  }

  /** Ready fds, in ascending order. */
  readyFds<N extends number>(count: N): Tuple<N, TestFd> {
    return inOrderOfFd(count, () => this.readyFd());
  }

  hangUpFd(): HangUpFd {
    return this.#closedAtTheEnd(this.#harness.createHangUpFd?.(this.#innerPoller) ?? undeclared('createHangUpFd'));
  }

  consumingFd(): ConsumingFd {
    return this.#closedAtTheEnd(
      this.#harness.createConsumingFd?.(this.#innerPoller) ?? undeclared('createConsumingFd'),
    );
  }

  refusedFd(): RefusedFd {
    return this.#closedAtTheEnd(this.#harness.createRefusedFd?.(this.#innerPoller) ?? undeclared('createRefusedFd'));
  }

  dup(testFd: TestFd): TestFd {
    return this.#closedAtTheEnd(this.#harness.dup?.(testFd, this.#innerPoller) ?? undeclared('dup'));
  }

  async letPass(ms: number): Promise<void> {
    await (this.#harness.letPass?.(ms, this.#innerPoller) ?? undeclared('letPass'));
  }

  /** Lets the host loop turn until a condition holds. */
  async until(condition: () => boolean): Promise<void> {
    for (let times = 0; !condition(); times++) {
      assert.ok(times < MOST_TIMES, 'nothing happens any more');
      await this.letPass(1);
    }
  }

  interruptNextWait(): void {
    this.#harness.interruptNextWait?.(this.#innerPoller);
  }

  /** Closes fds and opens new ones with the same numbers, in the order of the old ones. */
  reopen<S extends TestFd[]>(...testFds: S): { [I in keyof S]: TestFd } {
    return reopen(testFds, () => this.testFd()) as { [I in keyof S]: TestFd };
  }

  /** Closes an fd, and opens one with the same number that the poller refuses. */
  reopenRefused(testFd: TestFd): void {
    reopen([testFd], () => this.refusedFd());
  }

  /** One wait of the poller itself, without a manager. */
  poll(capacity: number = 16, timeoutMs: number = 0): Report {
    const batch = new ReadyBatch(capacity);
    const count = this.poller.wait(batch, timeoutMs);
    assert.ok(count <= capacity, 'a wait reports no more than the batch holds');
    const entries = Array.from({ length: count }, (_, index) => ({
      fd: batch.fd(index),
      events: batch.events(index),
      generation: batch.generation(index),
    }));
    return { cause: batch.cause, entries };
  }

  [Symbol.dispose](): void {
    for (const closable of this.#closables) {
      closable.close();
    }
    this.#innerPoller.close();
  }

  #closedAtTheEnd<C extends Closable>(closable: C): C {
    this.#closables.push(closable);
    return closable;
  }
}

function undeclared(method: string): never {
  throw new Error(`The harness has no ${method}(): list its capability in the scenario's needs`);
}

function inOrderOfFd<N extends number>(count: N, create: () => TestFd): Tuple<N, TestFd> {
  return Array.from({ length: count }, create).sort((a, b) => a.fd - b.fd) as Tuple<N, TestFd>;
}

function reopen<S extends { readonly fd: number }>(closing: readonly TestFd[], create: () => S): S[] {
  for (const testFd of closing) {
    testFd.close();
  }
  const reopened = new Map<number, S>();
  for (let attempt = 0; attempt < REOPEN_ATTEMPTS && !closing.every(({ fd }) => reopened.has(fd)); attempt++) {
    const testFd = create();
    reopened.set(testFd.fd, testFd);
  }
  return closing.map(({ fd }) => {
    const testFd = reopened.get(fd);
    assert.ok(testFd, `the number ${fd} was not used again after it was closed`);
    return testFd;
  });
}
