// Processes the files in a folder as soon as they are complete: written and closed, or moved there.

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventManager, EventSet, Inotify } from '@em/sys';

const folder = mkdtempSync(join(tmpdir(), 'spool-'));
const elsewhere = mkdtempSync(join(tmpdir(), 'spool-'));

using manager = new EventManager();
using inotify = new Inotify();
inotify.add(folder, ['CLOSE_WRITE', 'MOVED_TO', 'ONLYDIR']);

manager.add(inotify, EventSet.IN, () => {
  for (const event of inotify.read() ?? []) {
    if (event.overflow) {
      console.log('events were lost: look through the folder');
    } else if (event.name !== undefined) {
      take(event.name, event.changes);
    }
  }
});

function take(name: string, changes: readonly string[]): void {
  console.log(`${name} (${changes.join()}): ${readFileSync(join(folder, name), 'utf8')}`);
  rmSync(join(folder, name));
  if (name === 'last') {
    manager.stop();
  }
}

// Usually other processes write the files. Here it is this process.
writeFileSync(join(folder, 'written'), 'hello');
writeFileSync(join(elsewhere, 'prepared'), 'bye');
renameSync(join(elsewhere, 'prepared'), join(folder, 'last'));

await manager.run();
rmSync(folder, { recursive: true });
rmSync(elsewhere, { recursive: true });
