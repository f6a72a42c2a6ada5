import { randomBytes } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../until.js';
import { checksum, checksumOf, connectTo, echoOf, readBytes, writingStalls } from './client.js';
import { startServer } from './server-process.js';

const MEGABYTE = 1024 * 1024;

test('bytes come back at once, while the stream is open', async () => {
  const socket = await connectTo(await startServer());
  for (const length of [1, 2, 1000, 65_536, 65_537, 300_000]) {
    const bytes = randomBytes(length);
    socket.write(bytes);
    expect(checksum(await readBytes(socket, length))).toBe(checksum(bytes));
  }
});

describe('bytes that are sent one at a time', () => {
  const bytes = randomBytes(2000);

  test('come back one at a time, each before the next is sent', async () => {
    const socket = await connectTo(await startServer());
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      expect(await readBytes(socket, 1)).toEqual(Buffer.of(byte));
    }
  });

  test('come back in order when all are sent without waiting', async () => {
    const socket = await connectTo(await startServer());
    socket.setNoDelay(true);
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      await setImmediate();
    }
    socket.end();
    expect(await checksumOf(socket)).toBe(checksum(bytes));
  });
});

test('the end of the stream comes back after all bytes', async () => {
  const server = await startServer();
  for (const length of [0, 1, 10 * MEGABYTE]) {
    const bytes = randomBytes(length);
    expect(await echoOf(await connectTo(server), bytes)).toBe(checksum(bytes));
  }
});

test('the server stops reading from a client that does not read, which loses nothing when it does', async () => {
  const server = await startServer();
  const bytes = randomBytes(64 * MEGABYTE);
  const socket = await connectTo(server);
  socket.end(bytes);
  await writingStalls(socket);
  expect(socket.writableLength).toBeGreaterThan(0);
  expect(await echoOf(await connectTo(server), randomBytes(MEGABYTE))).toHaveLength(64);
  expect(await checksumOf(socket)).toBe(checksum(bytes));
});

test('a client that reads slowly loses nothing', async () => {
  const bytes = randomBytes(8 * MEGABYTE);
  const socket = await connectTo(await startServer());
  socket.end(bytes);
  const received: Buffer[] = [];
  for (let missing = bytes.length; missing > 0; missing -= 100_000) {
    received.push(await readBytes(socket, Math.min(missing, 100_000)));
    await setTimeout(1);
  }
  expect(checksum(Buffer.concat(received))).toBe(checksum(bytes));
  expect(await checksumOf(socket)).toBe(checksum(Buffer.alloc(0)));
});

test('a client that resets its connection does not affect others', async () => {
  const server = await startServer();
  const bytes = randomBytes(16 * MEGABYTE);
  const others = await Promise.all(Array.from({ length: 8 }, () => connectTo(server)));
  const echoes = others.map((socket) => echoOf(socket, bytes));
  for (let i = 0; i < 20; i++) {
    // Some reset while the server writes to them, others while it waits for bytes.
    const socket = await connectTo(server);
    socket.write(bytes.subarray(0, (i % 2) * 8 * MEGABYTE + 10));
    await readBytes(socket, 10);
    socket.resetAndDestroy();
  }
  expect(new Set(await Promise.all(echoes))).toEqual(new Set([checksum(bytes)]));
  await until('every connection is closed', () => server.connections === 0);
  expect(server.stderr).toBe('');
});
