// EM_STREAM_MB sets how much is sent. Defaults to 48.
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGunzip, createGzip } from 'node:zlib';
import { EventManager } from '@em/sys';
import { expect, test } from 'vitest';
import { toReadable, toWritable } from '../src/index.js';
import { KINDS } from './kinds.js';

const MEGABYTES = Number(process.env['EM_STREAM_MB'] ?? 48);
const CHECKPOINTS = 4;
const SWEEP_MS = 20;
const HOUR_MS = 3_600_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test(`a FIFO of ${MEGABYTES} MB goes through gzip to a file, and memory stays flat`, { timeout: HOUR_MS }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'em-large-'));
  const path = join(folder, 'out.gz');
  const manager = new EventManager();
  const running = manager.run();
  const { from, to } = KINDS['fifo']?.() ?? expect.unreachable();
  const [sent, received] = [createHash('sha256'), createHash('sha256')];
  const held: number[] = [];

  await Promise.all([
    pipeline(Readable.from(megabytes(held)), hashing(sent), toWritable(manager, from)),
    pipeline(toReadable(manager, to), createGzip({ level: 1 }), createWriteStream(path)),
  ]);
  expect(manager.size).toBe(0);
  manager.close();
  await running;
  await pipeline(createReadStream(path), createGunzip(), hashing(received).resume());
  rmSync(folder, { recursive: true });

  expect(received.digest('hex')).toBe(sent.digest('hex'));
  // Whatever is kept would be far more: half of what was sent.
  const growth = Math.max(...held.slice(CHECKPOINTS / 2)) - (held[0] ?? 0);
  expect(growth, `held at each checkpoint: ${held.join(', ')}`).toBeLessThan(12_000_000);
});

/** Notes at each checkpoint how many bytes are held, after garbage collection. */
async function* megabytes(held: number[]): AsyncGenerator<Buffer> {
  const half = randomBytes(524_288);
  for (let count = 1; count <= MEGABYTES; count++) {
    half.writeUInt32LE(count);
    yield Buffer.concat([half, Buffer.alloc(524_288, count)]);
    if (count % Math.floor(MEGABYTES / CHECKPOINTS) === 0) {
      // What is collected is freed by another thread.
      collectGarbage();
      await setTimeout(SWEEP_MS);
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      held.push(heapUsed + arrayBuffers);
    }
  }
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}
