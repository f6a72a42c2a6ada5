import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { checksum, checksumOf, connectTo, connectToUnix, echoOf, readBytes } from './client.js';
import { runCommand, type ServerProcess, startServer } from './server-process.js';

const WORKERS = ['--workers', '3', '--drain-ms', '2000'];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('several workers', () => {
  test('serve the same port and the same path, and every client gets everything back', async () => {
    const path = join(folder, 'shared.sock');
    const server = await startServer({ listen: ['tcp://127.0.0.1:0', `unix:${path}`], args: WORKERS });
    const bytes = randomBytes(1_000_000);
    const clients = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? connectTo(server) : connectToUnix(path))),
    );
    const echoes = await Promise.all(clients.map((socket) => echoOf(socket, bytes)));
    expect(new Set(echoes)).toEqual(new Set([checksum(bytes)]));
    await until('every connection is closed', () => server.connections === 0);
    expect(server.stderr).toBe('');
  });

  test('answer datagrams', async () => {
    const server = await startServer({ listen: ['udp://127.0.0.1:0'], args: WORKERS });
    const port = Number(new URL(server.urls[0] ?? '').port);
    const clients = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = createSocket('udp4');
        onTestFinished(() => void socket.close());
        socket.connect(port, '127.0.0.1');
        await once(socket, 'connect');
        return socket;
      }),
    );
    for (const [client, socket] of clients.entries()) {
      socket.send(`hello from ${client}`);
      const [answer] = await once(socket, 'message');
      expect(String(answer)).toBe(`hello from ${client}`);
    }
  });

  test('print one ready line when all of them serve', async () => {
    const server = await startServer({ args: WORKERS });
    expect(server.readyLine).toBe(`listening on tcp://127.0.0.1:${server.address.port}`);
    const clients = await Promise.all(Array.from({ length: 30 }, () => connectTo(server)));
    for (const socket of clients) {
      socket.write('?');
      await readBytes(socket, 1);
    }
  });

  test('do not share a port with another server that has several workers', async () => {
    const first = await startServer({ args: WORKERS });
    const outcome = await runCommand(['--listen', first.urls[0] ?? '', ...WORKERS]);
    expect(outcome).toMatchObject({ code: 3, stdout: '' });
    expect(outcome.stderr).toContain('the port is in use');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('let their clients finish on %s, and end with 0', async (signal) => {
    const path = join(folder, `${signal}.sock`);
    const server = await startServer({ listen: ['tcp://127.0.0.1:0', `unix:${path}`], args: WORKERS });
    const clients = await Promise.all([...Array.from({ length: 10 }, () => connectTo(server)), connectToUnix(path)]);
    for (const socket of clients) {
      socket.write('still here?');
      await readBytes(socket, 11);
    }
    server.kill(signal);
    await Promise.all(clients.map(checksumOf).map((ended, i) => ended.then(() => clients[i]?.end())));
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
    expect(existsSync(path)).toBe(false);
  });

  test('have a TCP listener each, so that a client does not wake all of them', async () => {
    const server = await startServer({ args: WORKERS });
    expect(server.listeners).toBe(3);
  });

  test('are the requested number of threads', async () => {
    const threads = ({ pid }: { readonly pid: number }) => readdirSync(`/proc/${pid}/task`).length;
    // Node starts the threads of its pool when it needs them: here that is one at most.
    const env = { UV_THREADPOOL_SIZE: '1' };
    const one = await startServer({ env });
    const three = await startServer({ env, args: WORKERS });
    await until('there are three more threads', () => threads(three) - threads(one) >= 3);
  });
});

describe('a worker that fails', () => {
  /**
   * Makes one worker run a statement: the one that unlinks the file. With `rmSync`, two workers that remove it at the same
   * time could both run it.
   */
  function sabotage(file: string, statement: string): string {
    const program = `
      import { unlinkSync } from 'node:fs';
      import { isMainThread } from 'node:worker_threads';
      if (!isMainThread) {
        setInterval(() => {
          try {
            unlinkSync(${JSON.stringify(file)});
          } catch {
            return;
          }
          ${statement}
        }, 5).unref();
      }`;
    return `--import=data:text/javascript,${encodeURIComponent(program)}`;
  }

  /** Expects an echo for all but the clients that were lost, and for newcomers. */
  async function expectServed(
    place: Pick<ServerProcess, 'address'>,
    clients: readonly Socket[],
    lost: number,
  ): Promise<void> {
    const hello = Buffer.from('hello');
    const kept = await Promise.allSettled(clients.map((socket) => echoOf(socket, hello)));
    const whole = kept.filter((echo) => echo.status === 'fulfilled' && echo.value === checksum(hello));
    expect(whole).toHaveLength(clients.length - lost);
    const newcomers = await Promise.all(Array.from({ length: 20 }, () => connectTo(place)));
    const echoes = await Promise.all(newcomers.map((socket) => echoOf(socket, hello)));
    expect(new Set(echoes)).toEqual(new Set([checksum(hello)]));
  }

  test('is reported and replaced, while the others serve every client', async () => {
    const file = join(folder, 'sabotage');
    const server = await startServer({
      args: ['--workers', '2'],
      env: { NODE_OPTIONS: sabotage(file, "throw new Error('sabotage');") },
    });
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectTo(server)));
    for (const socket of clients) {
      socket.write('?');
      await readBytes(socket, 1);
    }
    writeFileSync(file, '');
    await until('the error is logged', () => server.stderr !== '');
    expect(server.stderr).toMatch(
      /^\S+ ERROR a worker failed and will be replaced worker=\d connections=\d+ reason=sabotage\n$/,
    );
    const connections = Number(/connections=(\d+)/.exec(server.stderr)?.[1]);
    await expectServed(server, clients, connections);
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
  });

  test('because it is stuck is reported by /health, and replaced, while the others serve their clients', async () => {
    const file = join(folder, 'stuck');
    const server = await startServer({
      args: ['--workers', '2', '--metrics', '127.0.0.1:0', '--format', 'json'],
      env: { NODE_OPTIONS: sabotage(file, 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);') },
    });
    const { metrics, listening } = JSON.parse(server.readyLine);
    const { hostname, port } = new URL(listening[0]);
    const place = { address: { host: hostname, port: Number(port) } };
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectTo(place)));
    for (const socket of clients) {
      socket.write('?');
      await readBytes(socket, 1);
    }
    const health = async (): Promise<string> => (await fetch(`${metrics}/health`)).text();
    expect(await health()).toBe('serving\n');

    writeFileSync(file, '');
    const seen: string[] = [];
    for (let now = 'serving\n'; seen.length === 0 || now !== 'serving\n'; now = await health()) {
      if (now !== 'serving\n' && now !== seen.at(-1)) {
        seen.push(now);
      }
      await setTimeout(20);
    }
    // A thread in JavaScript ends as soon as it is terminated, so that “stuck” can be over before a look.
    expect(seen.at(-1)).toBe('degraded\n');
    expect(server.stderr).toMatch(/"worker":\d.*"reason":"it did not answer"/);
    const lost = Number(/"connections":(\d+)/.exec(server.stderr)?.[1]);
    await expectServed(place, clients, lost);
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
  });
});
