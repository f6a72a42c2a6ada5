import type { Service } from '../daemon/service.js';

/** A message to a worker: answer, or end. */
export type ToWorker = { readonly kind: 'ping' } | { readonly kind: 'drain'; readonly deadlineMs: number };

/** A message of a worker. */
export interface FromWorker {
  readonly kind: 'ready' | 'pong';
}

/** The part of `parentPort` (node:worker_threads) that is used here. */
export interface ParentPort {
  on(event: 'message', listener: (message: ToWorker) => void): unknown;
  postMessage(message: FromWorker): void;
  close(): void;
}

/**
 * Runs a service for the main thread, until that asks it to drain. The thread then ends by itself.
 *
 * @throws (as a rejection) The error of `failure`.
 */
export async function serveParent(parent: ParentPort, service: Service, failure: Promise<never>): Promise<void> {
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
  const deadlineMs = await Promise.race([deadline, failure]);
  await service.drain(deadlineMs);
  parent.close();
}
