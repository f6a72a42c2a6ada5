import assert from 'node:assert/strict';
import {
  EventManager,
  type EventManagerOptions,
  type EventSet,
  type Poller,
  ReadyBatch,
  type WaitCause,
} from '@em/core';
import type { ConsumedSource, HangUpSource, Harness, RefusedSource, Source } from './harness.js';
import { SpyPoller } from './spy-poller.js';

interface Closable {
  close(): void;
}

/** An array of N elements, so that taking it apart gives no `undefined`. */
type Tuple<N extends number, T, A extends T[] = []> = A['length'] extends N ? A : Tuple<N, T, [...A, T]>;

/** One entry of a batch. */
interface Entry {
  readonly fd: number;
  readonly events: EventSet;
  readonly generation: number;
}

/** What a poller answered. */
export interface Report {
  readonly cause: WaitCause;
  readonly entries: Entry[];
}

/** So many sources may be made until one has the number that was closed: other threads open and close fds as well. */
const REOPEN_ATTEMPTS = 64;

/** What one scenario works with: a poller, a manager on it, and sources, all closed when it is over. */
export class World {
  /** The poller, watched: what the manager asks of it is counted. */
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
    // Each method of the harness is only ever called with the poller made here, which is a P.
    return new World(harness as Harness<Poller>, harness.createPoller());
  }

  get nowMs(): number {
    return this.#harness.nowMs?.(this.#innerPoller) ?? performance.now();
  }

  manager(options: Omit<EventManagerOptions, 'poller'> = {}): EventManager {
    return new EventManager({ poller: this.poller, ...options });
  }

  source(): Source {
    return this.#closedAtTheEnd(this.#harness.createSource(this.#innerPoller));
  }

  ready(): Source {
    const source = this.source();
    source.makeReady();
    return source;
  }

  /** As many sources as are asked for, not ready, in order of fd. */
  sources<N extends number>(count: N): Tuple<N, Source> {
    return inOrderOfFd(count, () => this.source());
  }

  /** As many ready sources as are asked for, in order of fd. */
  readySources<N extends number>(count: N): Tuple<N, Source> {
    return inOrderOfFd(count, () => this.ready());
  }

  hangUpSource(): HangUpSource {
    return this.#closedAtTheEnd(
      this.#harness.createHangUpSource?.(this.#innerPoller) ?? undeclared('createHangUpSource'),
    );
  }

  consumedSource(): ConsumedSource {
    return this.#closedAtTheEnd(
      this.#harness.createConsumedSource?.(this.#innerPoller) ?? undeclared('createConsumedSource'),
    );
  }

  refusedSource(): RefusedSource {
    return this.#closedAtTheEnd(
      this.#harness.createRefusedSource?.(this.#innerPoller) ?? undeclared('createRefusedSource'),
    );
  }

  dup(source: Source): Source {
    return this.#closedAtTheEnd(this.#harness.dup?.(source, this.#innerPoller) ?? undeclared('dup'));
  }

  interruptNextWait(): void {
    this.#harness.interruptNextWait?.(this.#innerPoller);
  }

  /** Closes sources and makes new ones with the very numbers, in the order of the old. */
  reopen<S extends Source[]>(...sources: S): { [I in keyof S]: Source } {
    return reopen(sources, () => this.source()) as { [I in keyof S]: Source };
  }

  /** Closes a source, and gives its number to something that the poller refuses. */
  reopenRefused(source: Source): void {
    reopen([source], () => this.refusedSource());
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
  throw new Error(`The harness has no ${method}, and the scenario does not say that it needs it`);
}

function inOrderOfFd<N extends number>(count: N, create: () => Source): Tuple<N, Source> {
  return Array.from({ length: count }, create).sort((a, b) => a.fd - b.fd) as Tuple<N, Source>;
}

function reopen<S extends { readonly fd: number }>(closing: readonly Source[], create: () => S): S[] {
  for (const source of closing) {
    source.close();
  }
  const reopened = new Map<number, S>();
  for (let attempt = 0; attempt < REOPEN_ATTEMPTS && !closing.every(({ fd }) => reopened.has(fd)); attempt++) {
    const source = create();
    reopened.set(source.fd, source);
  }
  return closing.map(({ fd }) => {
    const source = reopened.get(fd);
    assert.ok(source, `the number ${fd} was not used again after it was closed`);
    return source;
  });
}
