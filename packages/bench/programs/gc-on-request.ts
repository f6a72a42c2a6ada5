// Loaded beside a server, by --import with --expose-gc: collects garbage whenever a line comes in, and says so.

import { collectGarbage } from './collect-garbage.ts';

process.stdin.on('data', async () => {
  await collectGarbage();
  console.log(JSON.stringify({ collected: globalThis.gc !== undefined }));
});
process.stdin.once('end', () => process.exit());
