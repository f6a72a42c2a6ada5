import { Count, type Counts } from '../counters.js';
import type { Status } from '../observability/status.js';
import type { CallOff, Log } from '../ports.js';
import type { Service } from './service.js';
import type { ServiceManager } from './service-manager.js';
import type { StopSignal } from './stop-signal.js';

/** What is brought from its beginning to its end. */
export interface Lifecycle {
  readonly service: Service;
  readonly counts: Counts;
  /** What the service serves on, closed as soon as no more clients are wanted. */
  readonly places: readonly { readonly url: string; close(): void }[];
  readonly status: Status;
  readonly serviceManager: ServiceManager;
  readonly log: Log;
  readonly stop: Promise<StopSignal>;
  readonly drainMs: number;
  /** Says on stdout that it can be reached. */
  readonly announce: () => void;
  /** Starts what goes on beside, until it is called off in the end. */
  readonly accompany: readonly (() => CallOff)[];
}

/** Serves until the signal comes, and then lets clients go. @throws What the service failed by. */
export async function serveUntilStopped(lifecycle: Lifecycle): Promise<void> {
  const { service, status, serviceManager, places, announce, accompany } = lifecycle;
  status.counts = lifecycle.counts;
  status.phase = 'serving';
  const callOffs = accompany.map((start) => start());
  try {
    announce();
    serviceManager.ready(`listening on ${places.map(({ url }) => url).join(' ')}`);
    const signal = await Promise.race([lifecycle.stop, service.failure]);
    status.phase = 'stopping';
    serviceManager.stopping();
    await end(lifecycle, signal);
  } finally {
    for (const callOff of callOffs) {
      callOff();
    }
  }
}

async function end({ service, counts, places, log, drainMs }: Lifecycle, signal: StopSignal): Promise<void> {
  log.info('stopping', { signal, connections: counts.get(Count.CONNECTIONS) });
  const cutOffBefore = counts.get(Count.CUT_OFF);
  const drained = service.drain(drainMs);
  for (const place of places) {
    place.close();
  }
  await drained;
  const cutOff = counts.get(Count.CUT_OFF) - cutOffBefore;
  if (cutOff > 0) {
    log.warn('clients were cut off', { clients: cutOff });
  }
  log.info('stopped');
}
