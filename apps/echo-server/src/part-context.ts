import type { EventManager } from '@em/core';
import type { Counters } from './counters.js';
import type { MemoryBudget } from './memory-budget.js';
import type { Log, Timers } from './ports.js';

/** How much a server takes on. */
export interface Limits {
  /** As many connections at once, `Infinity` for any number. More clients wait in the queues of the listeners. */
  readonly maxConnections: number;
  /** A connection on which nothing happens for so many milliseconds is closed; `Infinity` for never. */
  readonly idleMs: number;
  /** From so many unsent bytes on, a client is read from no more. */
  readonly bufferBytes: number;
  /** When all clients together have so many, none of those is read from any more. */
  readonly totalBufferBytes: number;
  /** As many datagrams of one sender are answered in a second, and of all together a hundred times as many. */
  readonly datagramsPerSource: number;
}

/** What a server works with. */
export interface ServerContext {
  readonly manager: EventManager;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly log: Log;
  readonly limits: Limits;
}

/** What the parts of a server share. */
export interface PartContext extends ServerContext {
  readonly memory: MemoryBudget;
  /** Told that a part owes nobody anything any more. */
  readonly onIdle: () => void;
}
