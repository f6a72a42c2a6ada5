import { type EventManager, EventSet, type Registration } from '@em/core';
import { Connection } from './connection.js';
import type { Listener, Log, Stream } from './ports.js';

const BUFFER_BYTES = 64 * 1024;

/** So that a burst of new clients does not keep the present ones waiting. */
const ACCEPTS_PER_EVENT = 64;

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

/** How clients leave every day. */
const USUAL_END: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/** Accepts clients, and keeps their connections until they end or it is closed. */
export class EchoServer {
  readonly #manager: EventManager;
  readonly #listener: Listener;
  readonly #log: Log;
  readonly #registration: Registration;
  readonly #connections = new Set<Connection>();
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #retry: NodeJS.Timeout | undefined;
  #starved = false;

  /**
   * @param listener - Closed with the server.
   * @throws What `manager.add` throws; the listener is then still open.
   */
  constructor(manager: EventManager, listener: Listener, log: Log) {
    this.#manager = manager;
    this.#listener = listener;
    this.#log = log;
    this.#registration = manager.add(listener, EventSet.IN, () => this.#accept(), { label: 'listener', own: true });
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Closes the listener and ends every connection. A second call does nothing. */
  close(): void {
    clearTimeout(this.#retry);
    this.#registration.delete();
    for (const connection of [...this.#connections]) {
      connection.close();
    }
  }

  #accept(): void {
    for (let i = 0; i < ACCEPTS_PER_EVENT; i++) {
      if (!this.#acceptOne()) {
        return;
      }
    }
  }

  /** Returns whether there may be more to accept. */
  #acceptOne(): boolean {
    try {
      const stream = this.#listener.accept();
      if (stream === undefined) {
        this.#starved = false;
        return false;
      }
      this.#open(stream);
      return true;
    } catch (error) {
      if (LOST_CONNECTION.has(codeOf(error))) {
        return true;
      }
      this.#holdOff(error);
      return false;
    }
  }

  #open(stream: Stream): void {
    try {
      const connection = new Connection(this.#manager, stream, this.#buffer, (ended, error) =>
        this.#onEnd(ended, error),
      );
      this.#connections.add(connection);
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  #onEnd(connection: Connection, error: unknown): void {
    this.#connections.delete(connection);
    if (error !== undefined && !USUAL_END.has(codeOf(error))) {
      this.#log(`a connection ended: ${messageOf(error)}`);
    }
    this.#resume();
  }

  /**
   * The listener stays ready as long as somebody is queued, so with `EMFILE` it would call for ever. It is therefore
   * left alone until there is reason to hope.
   */
  #holdOff(error: unknown): void {
    if (!this.#starved) {
      this.#starved = true;
      this.#log(`new connections must wait: ${messageOf(error)}`);
    }
    this.#registration.pause();
    this.#retryLater();
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => this.#resume(), RETRY_MS);
  }

  #resume(): void {
    if (!this.#registration.active || !this.#registration.paused) {
      return;
    }
    clearTimeout(this.#retry);
    try {
      this.#registration.resume();
    } catch {
      this.#retryLater();
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
