import { setTimeout as sleep } from 'node:timers/promises';

const COLLECTIONS = 3;
const QUIET_MS = 300;

/**
 * Wants --expose-gc. What a burst of young objects has made V8 take, it gives back by halves, at collections before which
 * it was quiet for some time.
 */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    await sleep(QUIET_MS);
    globalThis.gc?.();
  }
}
