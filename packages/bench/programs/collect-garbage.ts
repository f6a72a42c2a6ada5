import { setTimeout as sleep } from 'node:timers/promises';

const COLLECTIONS = 3;
const QUIET_MS = 300;

/**
 * Needs --expose-gc. V8 returns the memory of a burst of young objects in halves, one per collection, and only at
 * collections that follow some time without work.
 */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    await sleep(QUIET_MS);
    globalThis.gc?.();
  }
}
