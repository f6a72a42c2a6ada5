import { type EventManager, EventSet, type Registration } from '@em/core';
import type { MemoryBudget } from '../context.js';
import { Count, type Counters } from '../counters.js';
import type { Stream } from '../sockets/server-socket.js';
import type { Connections } from './connections.js';
import { Outbox } from './outbox.js';

/** Maximum number of bytes per read. */
export const READ_BYTES: number = 64 * 1024;
/** The same while memory is tight. */
const TIGHT_READ_BYTES = 4 * 1024;

/** What the connections of a server share. */
export interface ConnectionContext {
  readonly manager: EventManager;
  readonly connections: Connections<Connection>;
  readonly counters: Counters;
  readonly memory: MemoryBudget;
  /** Has {@link READ_BYTES}. A connection uses it only for a read and the write that follows. */
  readonly buffer: Uint8Array;
  /** A client with this number of unsent bytes is not read from until a quarter of them is left. */
  readonly bufferBytes: number;
  /** Called once per connection when it has ended, with the error that ended it, if any. */
  readonly onEnd: (error: unknown) => void;
}

/**
 * The state of a connection.
 *
 * ```text
 *              end of the stream        all sent
 *   ┌► ECHOING ──────────────────► ENDED ───────► closed
 *   │     │
 *   │     │ finish()            bytes arrive             end of the stream
 *   │     └────────────► FINISHED ────────────► CUT_OFF ─────────────────► closed
 *   │                        └─────────────────────────────────────────────┘
 *   new                 an error or a hang-up in any state: closed
 * ```
 */
const Phase = {
  /** The server sends back what it receives. */
  ECHOING: 0,
  /** The client has ended its half. It gets what is left. */
  ENDED: 1,
  /** The server has ended its half, and waits until the client ends its own. */
  FINISHED: 2,
  /** The client has sent bytes after that. They are lost. */
  CUT_OFF: 3,
} as const;

type Phase = (typeof Phase)[keyof typeof Phase];

/**
 * One client. The connection sends back what it receives. It keeps the bytes that a write leaves, and sends them when there
 * is room:
 *
 * ```text
 *            unsent    0 ─────────► low ─────────► high
 *   going up           IN           IN|OUT         OUT     the server does not read from the client
 *   going down         IN           IN|OUT ◄────── OUT
 * ```
 *
 * So a client that does not read is slowed down by its own unread bytes. There are many thousands of connections: an idle
 * one allocates nothing beside its own fields.
 */
export class Connection {
  /** The number of {@link Connections.age} calls since something happened. */
  quietTicks = 0;
  readonly #context: ConnectionContext;
  readonly #stream: Stream;
  readonly #registration: Registration;
  #phase: Phase = Phase.ECHOING;
  #unsent: Outbox | undefined;
  /** What {@link Stream.undeliveredBytes} returned last. */
  #undelivered = 0;

  /** @throws The same as `manager.add`. The stream stays open then. */
  constructor(context: ConnectionContext, stream: Stream) {
    this.#context = context;
    this.#stream = stream;
    this.#registration = context.manager.add(stream.fd, EventSet.IN, context.connections.onReady);
  }

  /** Whether the client may still be waiting for bytes. */
  get isServed(): boolean {
    return this.#phase === Phase.ECHOING || this.#phase === Phase.ENDED;
  }

  /** Whether the client has not received everything, according to the last {@link Connection.checkDelivery}. */
  get isOwed(): boolean {
    return this.#unsent !== undefined || this.#undelivered > 0;
  }

  /**
   * Returns whether the client has received anything since the last call. A client that reads slowly causes no event for a long
   * time, because the kernel reports OUT only when much of its memory is free again.
   */
  checkDelivery(): boolean {
    const before = this.#undelivered;
    this.#undelivered = this.#stream.undeliveredBytes();
    return this.#undelivered < before;
  }

  /** Reads once and writes once at most, because the others are waiting. Level-triggered events report the rest again. */
  onReady(events: EventSet): void {
    this.quietTicks = 0;
    try {
      if ((events & (EventSet.ERROR | EventSet.HANG_UP)) !== 0) {
        this.close();
        return;
      }
      if ((events & EventSet.OUT) !== 0) {
        this.#flush();
      }
      if ((events & EventSet.IN) !== 0) {
        this.#receive();
      }
    } catch (error) {
      this.close(error);
    }
  }

  /**
   * Ends the server's half, if the client has sent nothing new and has received everything. The connection ends when the
   * client ends its half as well, or by {@link Connection.close}.
   *
   * A slow client may have much under way that is not kept here any more. It does not count as silent: it may send more
   * when it has received that.
   */
  finish(): void {
    try {
      if (this.#phase !== Phase.ECHOING || this.#unsent !== undefined) {
        return;
      }
      if (this.#stream.undeliveredBytes() > 0) {
        this.quietTicks = 0;
      } else if (this.#receive() === undefined) {
        this.#stream.shutdownWrite();
        this.#phase = Phase.FINISHED;
        this.quietTicks = 0;
      }
    } catch (error) {
      this.close(error);
    }
  }

  /** Ends the connection and closes its stream, without sending the rest. A second call does nothing. */
  close(error?: unknown): void {
    if (!this.#registration.active) {
      return;
    }
    let reason = error;
    try {
      this.#registration.delete();
    } catch (failure) {
      reason ??= failure;
    }
    try {
      this.#stream.close();
    } catch (failure) {
      reason ??= failure;
    }
    this.#forgetUnsent();
    this.#context.connections.delete(this.#registration.fd);
    this.#context.onEnd(reason);
  }

  /** Reads once. Returns the number of bytes, or `undefined` if there is nothing to read. */
  #receive(): number | undefined {
    const { buffer, counters, memory } = this.#context;
    const length = this.#stream.read(buffer, 0, memory.isTight ? TIGHT_READ_BYTES : buffer.length);
    if (length === undefined) {
      return undefined;
    }
    if (length === 0) {
      this.#end();
    } else if (this.#phase === Phase.ECHOING) {
      counters.add(Count.bytesReceived, length);
      const written = this.#unsent === undefined ? this.#write(buffer, 0, length) : 0;
      if (written < length) {
        this.#keep(buffer, written, length);
      }
    } else if (this.#phase === Phase.FINISHED) {
      this.#phase = Phase.CUT_OFF;
      counters.add(Count.cutOff, 1);
    }
    return length;
  }

  #end(): void {
    if (this.#unsent === undefined) {
      this.close();
    } else {
      this.#phase = Phase.ENDED;
      this.#setInterest(EventSet.OUT);
    }
  }

  #flush(): void {
    const unsent = this.#unsent;
    if (unsent === undefined) {
      return;
    }
    unsent.shift(this.#write(unsent.bytes, unsent.start, unsent.length));
    if (unsent.length > 0) {
      if (
        this.#phase === Phase.ECHOING &&
        unsent.length <= this.#context.bufferBytes / 4 &&
        !this.#context.memory.isTight
      ) {
        this.#setInterest(EventSet.IN | EventSet.OUT);
      }
    } else if (this.#phase === Phase.ENDED) {
      this.close();
    } else {
      this.#forgetUnsent();
      this.#setInterest(EventSet.IN);
    }
  }

  #write(bytes: Uint8Array, start: number, length: number): number {
    const written = this.#stream.write(bytes, start, length) ?? 0;
    this.#context.counters.add(Count.bytesSent, written);
    return written;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const { bufferBytes, memory } = this.#context;
    this.#unsent ??= new Outbox(bufferBytes + READ_BYTES);
    const before = this.#unsent.capacity;
    this.#unsent.append(bytes, from, to, memory.roomBytes);
    memory.change(this.#unsent.capacity - before);
    const mayRead = this.#unsent.length < bufferBytes && !memory.isTight;
    this.#setInterest(mayRead ? EventSet.IN | EventSet.OUT : EventSet.OUT);
  }

  #forgetUnsent(): void {
    this.#context.memory.change(-(this.#unsent?.capacity ?? 0));
    this.#unsent = undefined;
  }

  #setInterest(events: EventSet): void {
    if (this.#registration.events !== events) {
      this.#registration.modify(events);
    }
  }
}
