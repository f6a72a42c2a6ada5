import type { Limits } from '../context.js';
import type { LogOptions } from '../observability/log.js';
import type { OpenSocket } from '../sockets/open-all.js';
import type { ServerSocket } from '../sockets/server-socket.js';

/** A socket for a worker to serve. The worker duplicates this fd of the main thread. */
export interface HandedSocket {
  readonly transport: ServerSocket['transport'];
  readonly fd: number;
}

/** The `workerData` of a worker. */
export interface WorkerData {
  readonly sockets: readonly HandedSocket[];
  readonly limits: Limits;
  readonly log: LogOptions;
  /** The memory of its counts. */
  readonly counts: SharedArrayBuffer;
}

/** The sockets of one worker: at each place one of its own, or the one that all share. */
export function socketsOf(places: readonly OpenSocket[], workers: number, index: number): readonly HandedSocket[] {
  return places.flatMap(({ sockets }) => {
    const served = sockets[sockets.length < workers ? 0 : index];
    return served === undefined ? [] : [{ transport: served.transport, fd: served.socket.fd }];
  });
}

/** The limits of one worker, so that all workers together keep the limits. */
export function limitsOf(limits: Limits, workers: number, index: number): Limits {
  const { maxConnections, idleMs, bufferBytes, totalBufferBytes, datagramsPerSource } = limits;
  return {
    idleMs,
    bufferBytes,
    datagramsPerSource,
    maxConnections: partOf(maxConnections, workers, index),
    totalBufferBytes: partOf(totalBufferBytes, workers, index),
  };
}

/** Divides a number into integers that are as equal as possible. */
function partOf(whole: number, parts: number, index: number): number {
  return whole === Number.POSITIVE_INFINITY ? whole : Math.floor(whole / parts) + (index < whole % parts ? 1 : 0);
}
