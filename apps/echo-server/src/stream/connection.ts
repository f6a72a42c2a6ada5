import { type EventManager, EventSet, type Registration } from '@em/core';
import { Count, type Counters } from '../counters.js';
import type { MemoryBudget } from '../memory-budget.js';
import type { Stream } from '../ports.js';
import type { Connections } from './connections.js';
import { Outbox } from './outbox.js';

/** What one read takes at most. */
export const READ_BYTES: number = 64 * 1024;
/** The same while memory is tight. */
const TIGHT_READ_BYTES = 4 * 1024;

/** What all connections of a server share. */
export interface ConnectionContext {
  readonly manager: EventManager;
  readonly connections: Connections<Connection>;
  readonly counters: Counters;
  readonly memory: MemoryBudget;
  /** Of {@link READ_BYTES}: lent for the time of a read and the write that follows. */
  readonly buffer: Uint8Array;
  /** From so many unsent bytes on a client is read from no more, until a quarter of them is left. */
  readonly bufferBytes: number;
  /** Told once of each connection that it is over, with the error that ended it, if one did. */
  readonly onEnd: (error: unknown) => void;
}

/**
 * How far a connection has come.
 *
 * ```text
 *              end of the stream        all sent
 *   ┌► ECHOING ──────────────────► ENDED ───────► closed
 *   │     │
 *   │     │ finish()            something comes          end of the stream
 *   │     └────────────► FINISHED ────────────► CUT_OFF ─────────────────► closed
 *   │                        └─────────────────────────────────────────────┘
 *   new                 an error or a hang-up, in any of them: closed
 * ```
 */
const Phase = {
  /** What comes is sent back. */
  ECHOING: 0,
  /** The client will send no more; it gets what is left. */
  ENDED: 1,
  /** The server will send no more, and waits for the client to end as well. */
  FINISHED: 2,
  /** The client has sent something after that, which is lost. */
  CUT_OFF: 3,
} as const;

type Phase = (typeof Phase)[keyof typeof Phase];

/**
 * One client: what it sends is sent back. What a write leaves is kept, and sent when there is room:
 *
 * ```text
 *            unsent    0 ─────────► low ─────────► high
 *   going up           IN           IN|OUT         OUT     the client is read from no more
 *   going down         IN           IN|OUT ◄────── OUT
 * ```
 *
 * so that a client that does not read is slowed down by its own unread bytes. There are many thousands: each has its
 * fields, and nothing else of its own.
 */
export class Connection {
  /** How often it was looked at since something last happened: see {@link Connections.age}. */
  quietTicks = 0;
  readonly #context: ConnectionContext;
  readonly #stream: Stream;
  readonly #registration: Registration;
  #phase: Phase = Phase.ECHOING;
  #unsent: Outbox | undefined;

  /** @throws What `manager.add` throws; the stream is then still open. */
  constructor(context: ConnectionContext, stream: Stream) {
    this.#context = context;
    this.#stream = stream;
    this.#registration = context.manager.add(stream.fd, EventSet.IN, context.connections.onReady);
  }

  /** Whether the client is served: it is not known yet that it has got everything. */
  get isServed(): boolean {
    return this.#phase === Phase.ECHOING || this.#phase === Phase.ENDED;
  }

  /** One read and one write a call at most: readiness is level-triggered, and the others are waiting. */
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
   * Ends the server's half, if the client has nothing to say and has got everything back. The connection is over when
   * the client has ended its half as well, or is made to by {@link Connection.close}.
   *
   * To a client that takes its time much may be under way that is not kept here any more. It is not silent: it may go on
   * when it has got that.
   */
  finish(): void {
    try {
      if (this.#phase !== Phase.ECHOING || this.#unsent !== undefined) {
        return;
      }
      if (!this.#stream.isDelivered()) {
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

  /** Ends it and closes its stream, whatever is still unsent. A second call does nothing. */
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

  /** Reads once; returns how much, `undefined` if nothing is there. */
  #receive(): number | undefined {
    const { buffer, counters, memory } = this.#context;
    const length = this.#stream.read(buffer, 0, memory.isTight ? TIGHT_READ_BYTES : buffer.length);
    if (length === undefined) {
      return undefined;
    }
    if (length === 0) {
      this.#end();
    } else if (this.#phase === Phase.ECHOING) {
      counters.add(Count.BYTES_RECEIVED, length);
      const written = this.#unsent === undefined ? this.#write(buffer, 0, length) : 0;
      if (written < length) {
        this.#keep(buffer, written, length);
      }
    } else if (this.#phase === Phase.FINISHED) {
      this.#phase = Phase.CUT_OFF;
      counters.add(Count.CUT_OFF, 1);
    }
    return length;
  }

  #end(): void {
    if (this.#unsent === undefined) {
      this.close();
    } else {
      this.#phase = Phase.ENDED;
      this.#listenFor(EventSet.OUT);
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
        this.#listenFor(EventSet.IN | EventSet.OUT);
      }
    } else if (this.#phase === Phase.ENDED) {
      this.close();
    } else {
      this.#forgetUnsent();
      this.#listenFor(EventSet.IN);
    }
  }

  #write(bytes: Uint8Array, start: number, length: number): number {
    const written = this.#stream.write(bytes, start, length) ?? 0;
    this.#context.counters.add(Count.BYTES_SENT, written);
    return written;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const { bufferBytes, memory } = this.#context;
    this.#unsent ??= new Outbox(bufferBytes + READ_BYTES);
    const before = this.#unsent.capacity;
    this.#unsent.append(bytes, from, to);
    memory.change(this.#unsent.capacity - before);
    const mayRead = this.#unsent.length < bufferBytes && !memory.isTight;
    this.#listenFor(mayRead ? EventSet.IN | EventSet.OUT : EventSet.OUT);
  }

  #forgetUnsent(): void {
    this.#context.memory.change(-(this.#unsent?.capacity ?? 0));
    this.#unsent = undefined;
  }

  #listenFor(events: EventSet): void {
    if (this.#registration.events !== events) {
      this.#registration.modify(events);
    }
  }
}
