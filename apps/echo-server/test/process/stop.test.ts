import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { TcpStream } from '@em/sys';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { checksum, checksumOf, connectTo, connectToUnix, readBytes, writingStalls } from './client.js';
import { startServer } from './server-process.js';

/** An address that only this test uses, so that no connection of another test takes the port meanwhile. */
const HOST = '127.0.0.2';
const MEGABYTE = 1024 * 1024;
/** More than all buffers on the way can hold. */
const bulk = randomBytes(64 * MEGABYTE);

/** Reads to the end, and then ends its half. Returns the bytes. */
async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk);
  }
  socket.end();
  return Buffer.concat(chunks);
}

/** Reads this number of bytes, or all until the end. */
async function take(client: TcpStream, most: number = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length: number | undefined;
  for (let missing = most; missing > 0 && length !== 0; missing -= length ?? 0) {
    const chunk = Buffer.alloc(Math.min(missing, MEGABYTE));
    await until('bytes arrive', () => {
      length = client.read(chunk);
      return length !== undefined;
    });
    chunks.push(chunk.subarray(0, length));
  }
  return Buffer.concat(chunks);
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends an idle server with 0', async () => {
    const server = await startServer();
    server.kill(signal);
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
  });

  test('closes the connections, ends with 0, and frees the port', async () => {
    const server = await startServer({ listen: [`tcp://${HOST}:0`], args: ['--drain-ms', '1000'] });
    const { port } = server.address;
    const socket = await connectTo(server);
    socket.write('still here?');
    await readBytes(socket, 11);
    server.kill(signal);
    await checksumOf(socket);
    expect(await server.exitCode()).toBe(0);
    const successor = await startServer({ listen: [`tcp://${HOST}:${port}`] });
    expect(successor.address.port).toBe(port);
  });
});

test('a client that waits because of --max-connections is served at the stop, too', async () => {
  const server = await startServer({ args: ['--max-connections', '1'] });
  const first = await connectTo(server);
  first.write('first');
  await readBytes(first, 5);
  const second = await connectTo(server);
  second.write('second');
  await until('the second one waits', () => server.stderr.includes('new connections must wait'));
  server.kill('SIGTERM');
  expect((await readAll(second)).toString()).toBe('second');
  first.end();
  expect(await server.exitCode()).toBe(0);
});

describe.each([[], ['--workers', '2']])('in the middle of a transfer (%s %s)', (...args) => {
  test('everything that was sent comes back, even if the client begins to read only then', async () => {
    const server = await startServer({ args });
    const socket = await connectTo(server);
    socket.write(bulk);
    await writingStalls(socket);
    const taken = bulk.length - socket.writableLength;
    server.kill('SIGTERM');
    const received = await readAll(socket);
    // Bytes that Node had not passed to the kernel may come back as well.
    expect(received.length).toBeGreaterThanOrEqual(taken);
    expect(checksum(received)).toBe(checksum(bulk.subarray(0, received.length)));
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
  });

  test('a client that received slowly can still send after that', async () => {
    const server = await startServer({ args: [...args, '--drain-ms', '8000'] });
    const { host, port } = server.address;
    using client = TcpStream.connect({ host, port });
    const first = bulk.subarray(0, MEGABYTE / 16);
    await until('it is connected', () => client.write(first, 0, 1) !== undefined);
    client.setReceiveBufferBytes(4096);
    expect(client.write(first, 1)).toBe(first.length - 1);
    await until('the server has the bytes', () => client.undeliveredBytes() === 0);
    server.kill('SIGTERM');
    // Twice the time after which a silent client that has received everything is let go.
    await setTimeout(2000);
    const echo = [await take(client, first.length)];
    const second = bulk.subarray(first.length, first.length + 1000);
    expect(client.write(second)).toBe(second.length);
    client.shutdownWrite();
    echo.push(await take(client));
    expect(checksum(Buffer.concat(echo))).toBe(checksum(bulk.subarray(0, first.length + second.length)));
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
  });

  test('many transfers are completed', async () => {
    const server = await startServer({ args });
    const bytes = bulk.subarray(0, 4 * MEGABYTE);
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connectTo(server)));
    const echoes = sockets.map((socket) => {
      socket.end(bytes);
      return checksumOf(socket);
    });
    await Promise.all(sockets.map((socket) => socket.readableLength > 0 || once(socket, 'readable')));
    server.kill('SIGTERM');
    expect(new Set(await Promise.all(echoes))).toEqual(new Set([checksum(bytes)]));
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
  });

  test('a client that is stuck is cut off at the deadline, and logged', async () => {
    const server = await startServer({ args: [...args, '--drain-ms', '200'] });
    const stuck = await connectTo(server);
    stuck.on('error', () => undefined);
    stuck.write(bulk);
    await writingStalls(stuck);
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toMatch(/^\S+ WARNING clients were cut off clients=1\n$/);
  });

  test('a second signal ends the server at once', async () => {
    const server = await startServer({ args: [...args, '--drain-ms', '600000'] });
    const stuck = await connectTo(server);
    stuck.on('error', () => undefined);
    stuck.write(bulk);
    await writingStalls(stuck);
    server.kill('SIGTERM');
    await until('it has stopped accepting', () => server.listeners === 0);
    server.kill('SIGINT');
    expect(await server.exitCode()).toBe(130);
  });
});

test('a socket file that cannot be removed does not cut off clients', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'echo.sock');
  // Root may write everywhere, unless it has given up this privilege.
  const wrapper = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override'] : [];
  const server = await startServer({ listen: [`unix:${path}`], wrapper });
  const socket = await connectToUnix(path);
  socket.write(bulk);
  await writingStalls(socket);
  chmodSync(folder, 0o555);
  server.kill('SIGTERM');
  const received = await readAll(socket);
  expect(checksum(received)).toBe(checksum(bulk.subarray(0, received.length)));
  expect(await server.exitCode()).toBe(0);
  expect(server.stderr).toMatch(/^\S+ WARNING the socket file stays url=\S+ reason=.*EACCES.*\n$/);
  chmodSync(folder, 0o755);
});

test('new clients are not accepted', async () => {
  const server = await startServer({ args: ['--drain-ms', '600000'] });
  const early = await connectTo(server);
  early.write(bulk);
  await writingStalls(early);
  server.kill('SIGTERM');
  await until('it has stopped accepting', () => server.listeners === 0);
  await expect(connectTo(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  early.destroy();
  expect(await server.exitCode()).toBe(0);
});
