import type { Limits } from '../part-context.js';
import type { OpenSocket } from '../sockets/open-socket.js';
import type { HandedSocket } from './messages.js';

/** The sockets of one worker: of each place its own, or the one that all share. */
export function socketsOf(places: readonly OpenSocket[], workers: number, index: number): readonly HandedSocket[] {
  return places.flatMap(({ sockets }) => {
    const isShared = sockets.length < workers;
    const served = sockets[isShared ? 0 : index];
    return served === undefined ? [] : [{ transport: served.transport, fd: served.socket.fd, isShared }];
  });
}

/** What one worker may take on, so that all together take on no more than what is allowed. */
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

/** The parts of a number are whole, and as equal as can be. */
function partOf(whole: number, parts: number, index: number): number {
  return whole === Number.POSITIVE_INFINITY ? whole : Math.floor(whole / parts) + (index < whole % parts ? 1 : 0);
}
