import type { EventManager } from '@em/core';
import { Count, type Counters } from './counters.js';
import { codeOf, messageOf } from './error-facts.js';
import type { Log, ServerSocket, Stream, Timers } from './ports.js';
import { Acceptor } from './stream/acceptor.js';
import { Connection, type ConnectionContext, READ_BYTES } from './stream/connection.js';
import { Connections } from './stream/connections.js';
import { Drain } from './stream/drain.js';
import { IdleSweep } from './stream/idle-sweep.js';
import { MemoryBudget } from './stream/memory-budget.js';

/** How clients leave every day. */
const USUAL_END: ReadonlySet<unknown> = new Set(['ECONNRESET', 'ENOTCONN', 'EPIPE']);

/** How much a server takes on. */
export interface Limits {
  /** As many connections at once, `Infinity` for any number. More clients wait in the queues of the listeners. */
  readonly maxConnections: number;
  /** A connection on which nothing happens for so many milliseconds is closed; `Infinity` for never. */
  readonly idleMs: number;
  /** From so many unsent bytes on, a client is read from no more. */
  readonly bufferBytes: number;
  /** When all connections keep so much, those that keep something are read from no more. */
  readonly totalBufferBytes: number;
}

/** What a server works with. */
export interface ServerContext {
  readonly manager: EventManager;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly log: Log;
  readonly limits: Limits;
}

/** Sends back what it is sent, on any number of listeners, until it is drained or closed. */
export class EchoServer {
  readonly #context: ServerContext;
  readonly #connections = new Connections<Connection>();
  readonly #acceptor: Acceptor;
  readonly #idleSweep: IdleSweep;
  readonly #connectionContext: ConnectionContext;
  #onEmpty: (() => void) | undefined;

  constructor(context: ServerContext) {
    const { manager, counters, timers, limits } = context;
    this.#context = context;
    this.#acceptor = new Acceptor({
      ...context,
      maxConnections: limits.maxConnections,
      onStream: (stream) => this.#open(stream),
    });
    this.#idleSweep = new IdleSweep(this.#connections, timers, limits.idleMs, (connection) =>
      this.#closeIdle(connection),
    );
    this.#connectionContext = {
      manager,
      connections: this.#connections,
      counters,
      memory: new MemoryBudget(limits.totalBufferBytes, counters),
      buffer: new Uint8Array(READ_BYTES),
      bufferBytes: limits.bufferBytes,
      onEnd: (error) => this.#onEnd(error),
    };
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Starts to serve on a socket, which is closed with the server.
   *
   * @throws What `manager.add` throws; the socket is then still open.
   */
  serve({ socket }: ServerSocket): void {
    this.#acceptor.add(socket);
  }

  /**
   * Accepts no more, lets every client have what it is owed, and closes the connections.
   *
   * @param deadlineMs - When the rest are closed, whatever is unsent.
   * @returns How many clients were cut off: had not got everything, or had more to say.
   */
  drain(deadlineMs: number): Promise<number> {
    this.#acceptor.acceptLast();
    this.#acceptor.close();
    this.#idleSweep.stop();
    const drain = new Drain(this.#connections, this.#context.timers);
    return new Promise((resolve) => {
      const end = (): void => {
        callOff();
        this.#onEmpty = undefined;
        resolve(drain.end());
      };
      const callOff = this.#context.timers.after(deadlineMs, end);
      this.#onEmpty = end;
      this.#checkEmpty();
    });
  }

  /** Closes the listeners and every connection. A second call does nothing. */
  close(): void {
    this.#acceptor.close();
    this.#idleSweep.stop();
    for (const connection of this.#connections) {
      connection.close();
    }
  }

  #open(stream: Stream): void {
    try {
      this.#connections.set(stream.fd, new Connection(this.#connectionContext, stream));
    } catch (error) {
      stream.close();
      throw error;
    }
    this.#context.counters.add(Count.CONNECTIONS, 1);
  }

  #closeIdle(connection: Connection): void {
    this.#context.counters.add(Count.IDLE_CLOSED, 1);
    connection.close();
  }

  #onEnd(error: unknown): void {
    const { counters, log } = this.#context;
    counters.add(Count.CONNECTIONS, -1);
    if (error !== undefined && !USUAL_END.has(codeOf(error))) {
      counters.add(Count.FAILED, 1);
      log.warn('a connection ended', { reason: messageOf(error) });
    }
    this.#acceptor.onRoom();
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (this.#connections.size === 0) {
      this.#onEmpty?.();
    }
  }
}
