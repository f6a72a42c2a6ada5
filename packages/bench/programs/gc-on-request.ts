// Loaded into a server by --import with --expose-gc: collects garbage when it reads a line, and reports that.

import { collectGarbage } from './collect-garbage.ts';

process.stdin.on('data', async () => {
  await collectGarbage();
  console.log(JSON.stringify({ collected: globalThis.gc !== undefined }));
});
process.stdin.once('end', () => process.exit());
