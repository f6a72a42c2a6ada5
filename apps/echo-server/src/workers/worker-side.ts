import type { Service } from '../daemon/service.js';
import type { FromWorker, ToWorker } from './messages.js';

/** The part of `parentPort` of node:worker_threads that is used here. */
export interface ParentPort {
  on(event: 'message', listener: (message: ToWorker) => void): unknown;
  postMessage(message: FromWorker): void;
  close(): void;
}

/**
 * Serves for the main thread until it says otherwise; the thread ends by itself then.
 *
 * @throws (as a rejection) What the service fails by.
 */
export async function serveParent(parent: ParentPort, service: Service): Promise<void> {
  const deadline = new Promise<number>((resolve) => {
    parent.on('message', (message) => {
      if (message.kind === 'drain') {
        resolve(message.deadlineMs);
      } else {
        parent.postMessage({ kind: 'pong' });
      }
    });
  });
  parent.postMessage({ kind: 'ready' });
  const deadlineMs = await Promise.race([deadline, service.failure]);
  await service.drain(deadlineMs);
  parent.close();
}
