import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startServer } from './server-process.js';

const MEGABYTES = 100;

const clients = [
  // OpenBSD's, which can shut down its writing side (-N).
  { name: 'nc', probe: ['-h'], isThere: /OpenBSD/, args: (host: string, port: number) => ['-N', host, `${port}`] },
  // -t: how many seconds it waits for the rest after the end of its input; half a second if not given.
  {
    name: 'socat',
    probe: ['-V'],
    isThere: /socat/,
    args: (host: string, port: number) => ['-t', '60', '-', `TCP:${host}:${port}`],
  },
];

function isInstalled(name: string, probe: string[], isThere: RegExp): boolean {
  const { stdout, stderr } = spawnSync(name, probe, { encoding: 'utf8' });
  return isThere.test(`${stdout}${stderr}`);
}

describe('clients that others wrote get 100 MB of random bytes back', () => {
  for (const { name, probe, isThere, args } of clients) {
    test.skipIf(!isInstalled(name, probe, isThere))(name, async () => {
      const { address } = await startServer();
      const client = spawn(name, args(address.host, address.port), { stdio: ['pipe', 'pipe', 'inherit'] });
      onTestFinished(() => void client.kill('SIGKILL'));
      const sent = createHash('sha256');
      const received = createHash('sha256');
      await Promise.all([
        pipeline(Readable.from(randomMegabytes(sent)), client.stdin),
        pipeline(client.stdout, received),
      ]);
      expect(received.digest('hex')).toBe(sent.digest('hex'));
    });
  }
});

function* randomMegabytes(hash: ReturnType<typeof createHash>): Generator<Buffer> {
  for (let i = 0; i < MEGABYTES; i++) {
    const bytes = randomBytes(1024 * 1024);
    hash.update(bytes);
    yield bytes;
  }
}
