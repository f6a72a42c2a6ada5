// Blocks in wait() until a signal ends it, and then lets the handler of the signal run.

import { writeSync } from 'node:fs';
import { EventManager } from '@em/sys';

const manager = new EventManager();
process.on('SIGTERM', () => {
  writeSync(1, 'handler ran\n');
  process.exit(0);
});
// A listener for signals does not keep the host loop alive; a timer does.
setInterval(() => {
  writeSync(1, 'waiting\n');
  const dispatched = manager.wait();
  writeSync(1, `${dispatched} ${manager.lastWait.cause}\n`);
}, 1);
