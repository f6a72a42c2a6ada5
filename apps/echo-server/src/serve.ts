import { setImmediate } from 'node:timers/promises';
import type { EventManager } from '@em/core';

/** How long Node's own events can be kept waiting. A signal to the process ends the wait at once. */
const WAIT_MS = 100;

/** Serves until `signal` aborts: waits on the manager, lets Node's event loop turn once, and so on. */
export async function serve(manager: EventManager, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    manager.wait(WAIT_MS);
    await setImmediate();
  }
}
