// Reads commands from a FIFO. Every process with write permission can send one: `echo reload > control`.

import { execFile, execFileSync } from 'node:child_process';
import { constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventManager, EventSet, open, PipeReader } from '@em/sys';

const folder = mkdtempSync(join(tmpdir(), 'fifo-'));
const path = join(folder, 'control');
execFileSync('mkfifo', ['-m', '600', path]);

using manager = new EventManager();
// Also open for writing, so that the FIFO always has a writer, and does not hang up after each command.
using control = PipeReader.adopt(open(path, constants.O_RDWR));
const buffer = Buffer.alloc(4096);
let unfinished = '';

manager.add(control, EventSet.IN, () => {
  const length = control.read(buffer);
  const lines = (unfinished + buffer.toString('utf8', 0, length ?? 0)).split('\n');
  unfinished = lines.pop() ?? '';
  for (const line of lines) {
    obey(line);
  }
});

function obey(command: string): void {
  console.log('command:', command);
  if (command === 'stop') {
    manager.stop();
  }
}

// Two writers, one after the other.
execFile('sh', ['-c', 'echo reload > "$0"; echo stop > "$0"', path]);

await manager.run();
rmSync(folder, { recursive: true });
