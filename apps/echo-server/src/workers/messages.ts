import type { LogOptions } from '../observability/log.js';
import type { Limits } from '../part-context.js';
import type { ServerSocket } from '../ports.js';

/** A socket that a worker serves on: the number is that of the main thread's, of which it makes a duplicate. */
export interface HandedSocket {
  readonly transport: ServerSocket['transport'];
  readonly fd: number;
  /** Whether other workers serve on it, too. */
  readonly isShared: boolean;
}

/** What a worker starts with. */
export interface WorkerData {
  readonly sockets: readonly HandedSocket[];
  readonly limits: Limits;
  readonly log: LogOptions;
  /** Where its counts lie. */
  readonly counts: SharedArrayBuffer;
}

/** What a worker is told: to answer, or to end. */
export type ToWorker = { readonly kind: 'ping' } | { readonly kind: 'drain'; readonly deadlineMs: number };

/** What a worker tells. */
export interface FromWorker {
  readonly kind: 'ready' | 'pong';
}
