import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { type ServerProcess, startServer } from './server-process.js';

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
  path = join(folder, 'echo.sock');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function isInstalled(name: string, probe: string, isThere: RegExp): boolean {
  const { stdout, stderr } = spawnSync(name, [probe], { encoding: 'utf8' });
  return isThere.test(`${stdout}${stderr}`);
}

// The nc of OpenBSD, which can shut down its writing half (-N).
const hasNc = isInstalled('nc', '-h', /OpenBSD/);
const hasSocat = isInstalled('socat', '-V', /socat/);
const hasCurl = isInstalled('curl', '--version', /telnet/);

/** Runs a client that sends its input and prints the answer. Returns the checksums of both. */
async function exchange(
  command: readonly string[],
  input: Iterable<Buffer>,
): Promise<[sent: string, received: string]> {
  const [file = '', ...args] = command;
  const client = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void client.kill('SIGKILL'));
  const sent = createHash('sha256');
  const received = createHash('sha256');
  await Promise.all([pipeline(Readable.from(noted(input, sent)), client.stdin), pipeline(client.stdout, received)]);
  return [sent.digest('hex'), received.digest('hex')];
}

function* noted(input: Iterable<Buffer>, hash: ReturnType<typeof createHash>): Generator<Buffer> {
  for (const bytes of input) {
    hash.update(bytes);
    yield bytes;
  }
}

function* randomMegabytes(count: number): Generator<Buffer> {
  for (let i = 0; i < count; i++) {
    yield randomBytes(1024 * 1024);
  }
}

describe('other programs get 100 MB of random bytes back', () => {
  // -t: the seconds that socat waits for the rest after the end of its input, by default half a second.
  const PATIENTLY = ['-t', '60'];

  test.skipIf(!hasNc)('nc over TCP', async () => {
    const { address } = await startServer();
    const [sent, received] = await exchange(['nc', '-N', address.host, `${address.port}`], randomMegabytes(100));
    expect(received).toBe(sent);
  });

  test.skipIf(!hasNc)('nc over a unix socket', async () => {
    await startServer({ listen: [`unix:${path}`] });
    const [sent, received] = await exchange(['nc', '-N', '-U', path], randomMegabytes(100));
    expect(received).toBe(sent);
  });

  test.skipIf(!hasSocat)('socat over TCP', async () => {
    const { address } = await startServer();
    const target = `TCP:${address.host}:${address.port}`;
    const [sent, received] = await exchange(['socat', ...PATIENTLY, '-', target], randomMegabytes(100));
    expect(received).toBe(sent);
  });

  test.skipIf(!hasSocat)('socat over an abstract unix socket', async () => {
    await startServer({ listen: [`unix:@${path}`] });
    const target = `ABSTRACT-CONNECT:${path}`;
    const [sent, received] = await exchange(['socat', ...PATIENTLY, '-', target], randomMegabytes(100));
    expect(received).toBe(sent);
  });
});

describe('other programs get datagrams back', () => {
  // The number of bytes that socat puts into one datagram: 8 KiB. For -t see above.
  const datagram = randomBytes(8192);

  function target({ urls }: ServerProcess): string {
    return (urls[0] ?? '').replace('udp://', 'UDP:').replace(/^unixgram:(.*)$/, `UNIX-SENDTO:$1,bind=$1.client`);
  }

  test.skipIf(!hasSocat).each(['udp://127.0.0.1:0', 'unixgram'])('socat over %s', async (url) => {
    const server = await startServer({ listen: [url === 'unixgram' ? `unixgram:${path}` : url] });
    const [sent, received] = await exchange(['socat', '-t', '2', '-', target(server)], [datagram]);
    expect(received).toBe(sent);
  });
});

test.skipIf(!hasCurl)('curl gets its bytes back over telnet://', async () => {
  const { address } = await startServer();
  const curl = spawn('curl', ['-sN', `telnet://${address.host}:${address.port}`]);
  onTestFinished(() => void curl.kill('SIGKILL'));
  let received = '';
  curl.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk;
  });
  // curl checks for an answer only briefly, and then waits for its input.
  await until('curl has an answer', () => {
    curl.stdin.write('hello\n');
    return received !== '';
  });
  curl.stdin.end();
  expect(received).toMatch(/^(hello\n)+$/);
});
