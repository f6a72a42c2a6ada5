import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { filesOf } from '../../stress/server/process-figures.js';
import { until } from '../until.js';
import { checksum, checksumOf, connectTo, echoOf, readBytes, writingStalls } from './client.js';

// The echo server in examples/echo has the same clients as the daemon.

const ROOT = join(import.meta.dirname, '../../../..');
const MEGABYTE = 1024 * 1024;

let server: { readonly address: { readonly host: string; readonly port: number }; sockets(): number };
let stop: () => Promise<unknown[]>;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
  cpSync(join(ROOT, 'examples/echo'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules/@em'), { recursive: true });
  for (const name of ['core', 'sys']) {
    symlinkSync(join(ROOT, 'packages', name), join(folder, 'node_modules/@em', name));
  }
  const child = spawn(process.execPath, ['echo.ts', '0'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { hostname: host, port } = new URL(line.replace('listening on ', ''));
  const sockets = () => filesOf(child.pid as number).filter((name) => name.startsWith('socket:')).length;
  server = { address: { host, port: Number(port) }, sockets };
  stop = () => {
    child.kill('SIGINT');
    return once(child, 'exit');
  };
});

test('it sends back what it receives, then the end of the stream, and stops on Ctrl-C', async () => {
  const socket = await connectTo(server);
  for (const length of [1, 1000, 65_537, 300_000]) {
    const bytes = randomBytes(length);
    socket.write(bytes);
    expect(checksum(await readBytes(socket, length))).toBe(checksum(bytes));
  }
  expect(await echoOf(socket, randomBytes(0))).toBe(checksum(randomBytes(0)));
  expect(await stop()).toEqual([0, null]);
});

test('a client that does not read is not read from, loses nothing, and does not affect others', async () => {
  const bytes = randomBytes(64 * MEGABYTE);
  const stalled = await connectTo(server);
  stalled.end(bytes);
  await writingStalls(stalled);
  expect(stalled.writableLength).toBeGreaterThan(0);
  const others = await Promise.all(Array.from({ length: 8 }, () => connectTo(server)));
  const echoes = others.map((socket) => echoOf(socket, bytes.subarray(0, MEGABYTE)));
  expect(new Set(await Promise.all(echoes))).toEqual(new Set([checksum(bytes.subarray(0, MEGABYTE))]));
  expect(await checksumOf(stalled)).toBe(checksum(bytes));
});

test('a client that resets its connection does not affect others', async () => {
  const before = server.sockets();
  const bytes = randomBytes(8 * MEGABYTE);
  const echo = echoOf(await connectTo(server), bytes);
  for (let i = 0; i < 20; i++) {
    // Some reset while the server writes to them, others while it waits for bytes.
    const socket = await connectTo(server);
    socket.write(bytes.subarray(0, (i % 2) * 4 * MEGABYTE + 10));
    await readBytes(socket, 10);
    socket.resetAndDestroy();
  }
  expect(await echo).toBe(checksum(bytes));
  await until('every connection is closed', () => server.sockets() === before);
});
