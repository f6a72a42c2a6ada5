import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../until.js';
import { connectTo, readBytes, writingStalls } from './client.js';
import { cpuShare } from './cpu-time.js';
import { type ServerProcess, startServer } from './server-process.js';

/** A busy loop uses a whole CPU. A server that sleeps uses a hundredth. */
const HARDLY_ANY = 0.3;

describe('an idle server uses hardly any CPU time', () => {
  test('without clients', async () => {
    expect(await cpuShare(await startServer())).toBeLessThan(HARDLY_ANY);
  });

  test('with a client that has received everything, and is silent', async () => {
    const server = await startServer();
    const socket = await connectTo(server);
    const bytes = randomBytes(20_000_000);
    socket.write(bytes);
    await readBytes(socket, bytes.length);
    expect(await cpuShare(server)).toBeLessThan(HARDLY_ANY);
  });

  test('with a client that does not read', async () => {
    const server = await startServer();
    const socket = await connectTo(server);
    socket.write(randomBytes(64_000_000));
    await writingStalls(socket);
    expect(await cpuShare(server)).toBeLessThan(HARDLY_ANY);
  });
});

test('a client that reads slowly, but steadily, is not closed as idle', async () => {
  const IDLE_MS = 2000;
  const server = await startServer({ args: ['--idle-ms', String(IDLE_MS)] });
  const socket = await connectTo(server);
  const bytes = randomBytes(32_000_000);
  socket.write(bytes);
  await writingStalls(socket);
  const end = performance.now() + 3 * IDLE_MS;
  let length = 0;
  while (performance.now() < end) {
    length += (await readBytes(socket, 4096)).length;
    await setTimeout(40);
  }
  expect(length).toBeGreaterThan(0);
  expect(server.connections).toBe(1);
  expect(server.stderr).toBe('');
});

test('a client that reads nothing is closed as idle, and logged', async () => {
  const server = await startServer({ args: ['--idle-ms', '100'] });
  const socket = await connectTo(server);
  socket.on('error', () => undefined);
  socket.write(randomBytes(32_000_000));
  await writingStalls(socket);
  await until('it is closed', () => server.connections === 0);
  expect(server.stderr).toMatch(/WARNING an idle client was cut off before it had received everything\n$/);
});

describe('a server that has run out of files', () => {
  const OPEN_FILES = 64;
  const CLIENTS = 100;

  async function serve(server: ServerProcess, sockets: readonly Socket[]): Promise<Set<Socket>> {
    const served = new Set<Socket>();
    for (const socket of sockets) {
      socket.once('data', () => served.add(socket)).write('?');
    }
    await until('the error is logged', () => server.stderr !== '');
    return served;
  }

  test('uses hardly any CPU time, logs it once, and serves waiting clients when others leave', async () => {
    const server = await startServer({ openFiles: OPEN_FILES });
    const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => connectTo(server)));
    const served = await serve(server, sockets);
    await until('all accepted clients are served', () => served.size === server.connections);
    expect(served.size).toBeLessThan(OPEN_FILES);
    expect(await cpuShare(server)).toBeLessThan(HARDLY_ANY);
    while (served.size < CLIENTS) {
      const before = served.size;
      for (const socket of served) {
        socket.destroy();
      }
      await until('the waiting clients are accepted', () => served.size > before);
    }
    expect(server.stderr).toMatch(/^\S+ WARNING new connections must wait reason="EMFILE: .*"\n$/);
  });
});
