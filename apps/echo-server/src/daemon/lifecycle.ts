import { Count, type Counters } from '../counters.js';
import type { Log } from '../ports.js';
import type { Service } from './service.js';
import type { StopSignal } from './stop-signal.js';

/** What is to be brought to its end. */
export interface Lifecycle {
  readonly service: Service;
  readonly sockets: readonly { close(): void }[];
  readonly counters: Counters;
  readonly log: Log;
  readonly stop: Promise<StopSignal>;
  readonly drainMs: number;
}

/** Serves until the signal comes, and then lets clients go. @throws What the service failed by. */
export async function serveUntilStopped({ service, sockets, counters, log, stop, drainMs }: Lifecycle): Promise<void> {
  const signal = await Promise.race([stop, service.failure]);
  log.info('stopping', { signal, connections: counters.get(Count.CONNECTIONS) });
  const drained = service.drain(drainMs);
  for (const socket of sockets) {
    socket.close();
  }
  const cutOff = await drained;
  if (cutOff > 0) {
    log.warn('clients were cut off', { clients: cutOff });
  }
  log.info('stopped');
}
