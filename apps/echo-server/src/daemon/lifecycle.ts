import { constants } from 'node:os';
import type { Log } from '../context.js';
import { Count, type Counts } from '../counters.js';
import { messageOf } from '../errors.js';
import type { Service, Status } from './service.js';
import type { ServiceManager } from './service-manager.js';

const NAMES = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** The signals that stop the server. */
export type StopSignal = (typeof NAMES)[number];

/** The part of `process` that is used here. */
export interface SignalSource {
  on(name: StopSignal, listener: () => void): unknown;
  exit(code: number): void;
}

/** Resolves at the first SIGHUP, SIGINT or SIGTERM. A second one ends the process at once, with 128 plus its number. */
export function stopSignal(process: SignalSource): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const name of NAMES) {
      process.on(name, () => {
        if (isStopping) {
          process.exit(128 + constants.signals[name]);
        }
        isStopping = true;
        resolve(name);
      });
    }
  });
}

/** Where clients connect. */
export interface Place {
  readonly url: string;
  /** Removes the file that the socket made, if any. A second call does nothing. */
  removeFile(): void;
}

/** Removes the files of the sockets. If one stays, it is logged: the next server replaces it. */
export function removeFiles(places: readonly Place[], log: Log): void {
  for (const place of places) {
    try {
      place.removeFile();
    } catch (error) {
      log.warn('the socket file stays', { url: place.url, reason: messageOf(error) });
    }
  }
}

/** The parts of a running server. */
export interface Lifecycle {
  readonly service: Service;
  /** Rejects when this thread fails. */
  readonly failure: Promise<never>;
  readonly counts: Counts;
  readonly places: readonly Place[];
  readonly status: Status;
  readonly serviceManager: ServiceManager;
  readonly log: Log;
  readonly stop: Promise<StopSignal>;
  readonly drainMs: number;
  /** Prints the ready line. */
  readonly announce: () => void;
}

/**
 * Serves until a stop signal, then lets the clients finish.
 *
 * @throws (as a rejection) The error of {@link Lifecycle.failure}.
 */
export async function serveUntilStopped(lifecycle: Lifecycle): Promise<void> {
  const { service, counts, status, serviceManager, places, announce, stop, failure } = lifecycle;
  Object.assign(status, { phase: 'serving', counts, service } satisfies Status);
  announce();
  serviceManager.ready(`listening on ${places.map(({ url }) => url).join(' ')}`);
  const signal = await Promise.race([stop, failure]);
  status.phase = 'stopping';
  serviceManager.stopping();
  await end(lifecycle, signal);
}

async function end({ service, counts, places, log, drainMs }: Lifecycle, signal: StopSignal): Promise<void> {
  log.info('stopping', { signal, connections: counts.get(Count.connections) });
  const cutOffBefore = counts.get(Count.cutOff);
  const drained = service.drain(drainMs);
  removeFiles(places, log);
  await drained;
  const cutOff = counts.get(Count.cutOff) - cutOffBefore;
  if (cutOff > 0) {
    log.warn('clients were cut off', { clients: cutOff });
  }
  log.info('stopped');
}
