import { type EventManager, EventSet, type Registration, type Timer } from '@em/core';
import type { Log } from '../context.js';
import { Count, type Counters } from '../counters.js';
import { codeOf, messageOf } from '../errors.js';
import type { Listener, Stream } from '../sockets/server-socket.js';

/** Limited so that a burst of new clients does not delay the connected ones. */
const ACCEPTS_PER_EVENT = 64;
/** Maximum number of waiting clients that are accepted at the end: the default limit of the queue on Linux. */
const LAST_ACCEPTS = 4096;
/** The time until the next attempt to accept, unless a connection ends first. */
const RETRY_MS = 1000;

/** Errors of accept(2) that concern only the connection it would have returned. The next one may be good. */
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
  readonly counters: Counters;
  readonly log: Log;

  readonly maxConnections: number;
  /** Takes over a connection. An error that it throws pauses accepting, as one of `accept` does. */
  readonly onStream: (stream: Stream) => void;
}

/**
 * Accepts clients on any number of listeners, as long as there is room. A listener is ready as long as a client is queued.
 * Without room that would be a busy loop, so all listeners are paused until a connection ends, or for a second.
 */
export class Acceptor {
  readonly #context: AcceptorContext;
  readonly #listeners = new Map<Listener, Registration>();
  #retry: Timer | undefined;
  /** The reason in the log for the last pause. Reset when every waiting client is accepted. */
  #loggedReason: string | undefined;
  #isPaused = false;
  #maxConnections: number;

  constructor(context: AcceptorContext) {
    this.#context = context;
    this.#maxConnections = context.maxConnections;
  }

  /**
   * Starts to accept on a listener. The acceptor closes it.
   *
   * @throws The same as `manager.add`. The listener stays open then.
   */
  add(listener: Listener): void {
    const onReady = (): void => this.#accept(listener, ACCEPTS_PER_EVENT);
    const registration = this.#context.manager.add(listener, EventSet.IN, onReady, { label: 'listener', own: true });
    this.#listeners.set(listener, registration);
  }

  /** To be called when a connection has ended, so that there may be room. */
  onRoom(): void {
    if (this.#isPaused) {
      this.#resume();
    }
  }

  /** Accepts the clients that wait already, even beyond the maximum: a client that waits when a listener closes is reset. */
  acceptLast(): void {
    this.#maxConnections = Number.POSITIVE_INFINITY;
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
    this.#retry?.cancel();
  }

  #accept(listener: Listener, most: number): void {
    for (let i = 0; i < most; i++) {
      if (!this.#acceptOne(listener)) {
        return;
      }
    }
  }

  /** Returns whether more clients may wait. */
  #acceptOne(listener: Listener): boolean {
    const { counters, onStream } = this.#context;
    if (counters.get(Count.connections) >= this.#maxConnections) {
      this.#pause(`there are ${this.#maxConnections} connections`);
      return false;
    }
    try {
      const stream = listener.accept();
      if (stream === undefined) {
        this.#loggedReason = undefined;
        return false;
      }
      onStream(stream);
      counters.add(Count.accepted, 1);
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
    if (this.#loggedReason === undefined) {
      log.warn('new connections must wait', { reason });
    }
    this.#loggedReason = reason;
    this.#isPaused = true;
    counters.add(Count.acceptPauses, 1);
    for (const registration of this.#listeners.values()) {
      registration.pause();
    }
  }

  #retryLater(): void {
    this.#retry?.cancel();
    this.#retry = this.#context.manager.after(RETRY_MS, () => this.#resume());
  }

  #resume(): void {
    this.#retry?.cancel();
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
