// Compresses what comes through a FIFO into a file.

import { execFile, execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import { toReadable } from '@em/streams';
import { EventManager, open, PipeReader } from '@em/sys';

const folder = mkdtempSync(join(tmpdir(), 'fifo-'));
const path = join(folder, 'log');
execFileSync('mkfifo', ['-m', '600', path]);

using manager = new EventManager();
void manager.run();
const log = toReadable(manager, PipeReader.adopt(open(path)));

// A program that writes its log to the FIFO, and ends.
execFile('sh', ['-c', 'seq -f "line %g" 20000 > "$0"', path]);

await pipeline(log, createGzip(), createWriteStream(`${path}.gz`));

const compressed = readFileSync(`${path}.gz`);
const lines = gunzipSync(compressed).toString().trimEnd().split('\n');
console.log(`${lines.length} lines, to "${lines.at(-1)}"`);
console.log('a third or less:', compressed.length * 3 <= lines.join('\n').length);
rmSync(folder, { recursive: true });
