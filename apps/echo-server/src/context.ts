import type { EventManager } from '@em/core';
import type * as sys from '@em/sys';
import { Count, type Counters } from './counters.js';

/** The details of a log message. */
export type Details = Readonly<Record<string, unknown>>;

/** The log. */
export interface Log {
  debug(message: string, details?: Details): void;
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
}

/** The limits of a server. */
export interface Limits {
  /** Maximum number of connections; `Infinity` for no limit. More clients wait in the queues of the listeners. */
  readonly maxConnections: number;
  /** A connection is closed when nothing has happened on it for this time; `Infinity` for never. */
  readonly idleMs: number;
  /** The server stops reading from a client that has this number of unsent bytes. */
  readonly bufferBytes: number;
  /** When all clients together have this number of unsent bytes, the server stops reading from all that have any. */
  readonly totalBufferBytes: number;
  /** Maximum number of answers per second to one sender. All senders together get a hundred times as many. */
  readonly datagramsPerSource: number;
}

/** What a server works with. */
export interface ServerContext {
  readonly manager: EventManager;
  readonly counters: Counters;
  readonly log: Log;
  readonly limits: Limits;
  readonly batches: Pick<typeof sys, 'UdpBatch' | 'UnixDatagramBatch'>;
}

/** What the parts of a server share. */
export interface PartContext extends ServerContext {
  readonly memory: MemoryBudget;
  /** Called when a part has sent everything to its clients. */
  readonly onIdle: () => void;
}

/** The memory that all connections together use for clients that do not read. */
export class MemoryBudget {
  readonly #limitBytes: number;
  readonly #counters: Counters;

  constructor(limitBytes: number, counters: Counters) {
    this.#limitBytes = limitBytes;
    this.#counters = counters;
  }

  /** The number of bytes until the limit. */
  get roomBytes(): number {
    return Math.max(0, this.#limitBytes - this.#counters.get(Count.bufferedBytes));
  }

  /** Whether the limit is reached, so that connections should read as little as possible. */
  get isTight(): boolean {
    return this.roomBytes === 0;
  }

  /** Records that the connections use this number of bytes more, or fewer. */
  change(bytes: number): void {
    this.#counters.add(Count.bufferedBytes, bytes);
  }
}
