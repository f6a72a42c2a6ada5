import type { LogOptions } from '../observability/log.js';
import type { Limits } from '../part-context.js';
import type { ServerSocket } from '../ports.js';

/** A socket for a worker to serve. The worker duplicates this fd of the main thread. */
export interface HandedSocket {
  readonly transport: ServerSocket['transport'];
  readonly fd: number;
  /** Whether other workers serve the same socket. */
  readonly isShared: boolean;
}

/** The `workerData` of a worker. */
export interface WorkerData {
  readonly sockets: readonly HandedSocket[];
  readonly limits: Limits;
  readonly log: LogOptions;
  /** The memory of its counts. */
  readonly counts: SharedArrayBuffer;
}

/** A message to a worker: answer, or end. */
export type ToWorker = { readonly kind: 'ping' } | { readonly kind: 'drain'; readonly deadlineMs: number };

/** A message of a worker. */
export interface FromWorker {
  readonly kind: 'ready' | 'pong';
}
