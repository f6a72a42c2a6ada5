import { type EventManager, EventSet, type Registration } from '@em/core';
import { Count, type Counters } from '../counters.js';
import { codeOf, messageOf } from '../error-facts.js';
import type { CallOff, Log, Stream, StreamListener, Timers } from '../ports.js';

/** So that a burst of new clients does not keep the present ones waiting. */
const ACCEPTS_PER_EVENT = 64;
/** How many of those who wait are still accepted at the end: as many as may wait where Linux is set up as usual. */
const LAST_ACCEPTS = 4096;
/** How long to wait before accepting is tried again, unless a connection ends first. */
const RETRY_MS = 1000;

/** What accept(2) reports about the connection it would have returned; the next one may be well. */
const LOST_CONNECTION: ReadonlySet<unknown> = new Set([
  'ECONNABORTED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENONET',
  'ENOPROTOOPT',
  'EOPNOTSUPP',
  'EPERM',
  'EPROTO',
]);

/** What an {@link Acceptor} works with. */
export interface AcceptorContext {
  readonly manager: EventManager;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly log: Log;
  /** As many connections as there may be. */
  readonly maxConnections: number;
  /** Takes a connection over. What it throws lets the others wait as if accept had thrown it. */
  readonly onStream: (stream: Stream) => void;
}

/**
 * Accepts clients on any number of listeners, as long as there is room. A listener stays ready as long as somebody is
 * queued, so where there is none it would call for ever: all are left alone then, until there is reason to hope.
 */
export class Acceptor {
  readonly #context: AcceptorContext;
  readonly #listeners = new Map<StreamListener, Registration>();
  #retry: CallOff | undefined;
  /** Why the listeners were left alone last, until all who waited have been accepted. */
  #complaint: string | undefined;
  #isPaused = false;

  constructor(context: AcceptorContext) {
    this.#context = context;
  }

  /**
   * Starts to accept on a listener, which is closed with the acceptor.
   *
   * @param isShared - Whether other threads accept from the same socket: the kernel then wakes one of them.
   * @throws What `manager.add` throws; the listener is then still open.
   */
  add(listener: StreamListener, isShared: boolean): void {
    const events = isShared ? EventSet.IN | EventSet.EXCLUSIVE : EventSet.IN;
    const onReady = (): void => this.#accept(listener, ACCEPTS_PER_EVENT);
    const registration = this.#context.manager.add(listener, events, onReady, { label: 'listener', own: true });
    this.#listeners.set(listener, registration);
  }

  /** Tells that a connection has ended, so that there may be room. */
  onRoom(): void {
    if (this.#isPaused) {
      this.#resume();
    }
  }

  /** Accepts those who wait already, as far as there is room. */
  acceptLast(): void {
    for (const listener of this.#listeners.keys()) {
      this.#accept(listener, LAST_ACCEPTS);
    }
  }

  /** Closes the listeners. A second call does nothing. */
  close(): void {
    for (const registration of this.#listeners.values()) {
      registration.delete();
    }
    this.#listeners.clear();
    this.#retry?.();
  }

  #accept(listener: StreamListener, most: number): void {
    for (let i = 0; i < most; i++) {
      if (!this.#acceptOne(listener)) {
        return;
      }
    }
  }

  /** Returns whether there may be more to accept. */
  #acceptOne(listener: StreamListener): boolean {
    const { counters, maxConnections, onStream } = this.#context;
    if (counters.get(Count.CONNECTIONS) >= maxConnections) {
      this.#pause(`there are ${maxConnections} connections`);
      return false;
    }
    try {
      const stream = listener.accept();
      if (stream === undefined) {
        this.#complaint = undefined;
        return false;
      }
      onStream(stream);
      counters.add(Count.ACCEPTED, 1);
      return true;
    } catch (error) {
      if (LOST_CONNECTION.has(codeOf(error))) {
        return true;
      }
      this.#pause(messageOf(error));
      this.#retryLater();
      return false;
    }
  }

  #pause(reason: string): void {
    const { counters, log } = this.#context;
    if (this.#complaint === undefined) {
      log.warn('new connections must wait', { reason });
    }
    this.#complaint = reason;
    this.#isPaused = true;
    counters.add(Count.ACCEPT_PAUSES, 1);
    for (const registration of this.#listeners.values()) {
      registration.pause();
    }
  }

  #retryLater(): void {
    this.#retry?.();
    this.#retry = this.#context.timers.after(RETRY_MS, () => this.#resume());
  }

  #resume(): void {
    this.#retry?.();
    this.#isPaused = false;
    try {
      for (const registration of this.#listeners.values()) {
        registration.resume();
      }
    } catch {
      this.#isPaused = true;
      this.#retryLater();
    }
  }
}
