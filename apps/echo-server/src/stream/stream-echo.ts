import type { PartContext } from '../context.js';
import { Count } from '../counters.js';
import { codeOf, messageOf } from '../errors.js';
import type { Listener, Stream } from '../sockets/server-socket.js';
import { Acceptor } from './acceptor.js';
import { Connection, type ConnectionContext, READ_BYTES } from './connection.js';
import { Connections } from './connections.js';
import { Drain, IdleSweep } from './quiet.js';

/** Errors by which clients usually end a connection. */
const USUAL_END: ReadonlySet<unknown> = new Set(['ECONNRESET', 'ENOTCONN', 'EPIPE']);

/** The part of a server that serves connections. */
export class StreamEcho {
  readonly #context: PartContext;
  readonly #connections = new Connections<Connection>();
  readonly #acceptor: Acceptor;
  readonly #idleSweep: IdleSweep;
  readonly #connectionContext: ConnectionContext;
  #drain: Drain | undefined;

  constructor(context: PartContext) {
    const { manager, counters, memory, limits } = context;
    this.#context = context;
    const onStream = (stream: Stream): void => this.#open(stream);
    this.#acceptor = new Acceptor({ ...context, maxConnections: limits.maxConnections, onStream });
    const onIdle = (connection: Connection): void => this.#closeIdle(connection);
    this.#idleSweep = new IdleSweep(this.#connections, manager, limits.idleMs, onIdle);
    this.#connectionContext = {
      manager,
      connections: this.#connections,
      counters,
      memory,
      buffer: new Uint8Array(READ_BYTES),
      bufferBytes: limits.bufferBytes,
      onEnd: (error) => this.#onEnd(error),
    };
  }

  /** The number of connected clients. */
  get connections(): number {
    return this.#connections.size;
  }

  get isIdle(): boolean {
    return this.#connections.size === 0;
  }

  /**
   * Starts to accept clients.
   *
   * @param listener - Closed by {@link StreamEcho.close}.
   * @throws The same as `manager.add`. The listener stays open then.
   */
  serve(listener: Listener): void {
    this.#acceptor.add(listener);
  }

  /**
   * Accepts only the clients that wait already, and lets each connection end when its client has received everything.
   *
   * @param deadlineMs - The time until {@link StreamEcho.close} is called.
   */
  finish(deadlineMs: number): void {
    this.#acceptor.acceptLast();
    this.#acceptor.close();
    this.#idleSweep.stop();
    this.#drain = new Drain(this.#connections, this.#context.manager, deadlineMs);
  }

  /** Closes the listeners and every connection. */
  close(): void {
    this.#acceptor.close();
    this.#idleSweep.stop();
    this.#drain?.stop();
    for (const connection of this.#connections) {
      this.#context.counters.add(Count.cutOff, connection.isServed ? 1 : 0);
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
    this.#context.counters.add(Count.connections, 1);
  }

  #closeIdle(connection: Connection): void {
    const { counters, log } = this.#context;
    counters.add(Count.idleClosed, 1);
    if (connection.isOwed) {
      counters.add(Count.cutOff, 1);
      log.warn('an idle client was cut off before it had received everything');
    }
    connection.close();
  }

  #onEnd(error: unknown): void {
    const { counters, log, onIdle } = this.#context;
    counters.add(Count.connections, -1);
    if (error !== undefined && !USUAL_END.has(codeOf(error))) {
      counters.add(Count.failed, 1);
      log.warn('a connection ended', { reason: messageOf(error) });
    }
    this.#acceptor.onRoom();
    if (this.isIdle) {
      onIdle();
    }
  }
}
