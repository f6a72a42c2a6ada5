// Loaded beside a server, by --import with --expose-gc: collects garbage whenever a line comes in, and says so.

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What a burst of connections has made it take for young objects, V8 gives back by halves, at collections before which it
 * was quiet for some time.
 */
const COLLECTIONS = 3;
const QUIET_MS = 300;

async function collect(): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    await sleep(QUIET_MS);
    globalThis.gc?.();
  }
  console.log(JSON.stringify({ collected: globalThis.gc !== undefined }));
}

process.stdin.on('data', () => void collect());
process.stdin.once('end', () => process.exit());
