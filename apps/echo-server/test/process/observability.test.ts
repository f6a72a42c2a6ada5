import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { ioctl, UdpSocket, UnixStream } from '@em/sys';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { checksum, connectTo, connectToUnix, echoOf } from './client.js';
import { MAIN, runCommand, startServer } from './server-process.js';

const TCXONC = 0x540a;
const TCOOFF = 0;
const TCOON = 1;
const FIONREAD = 0x541b;
const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;

const HELLO = Buffer.from('hello');

describe.each([1, 2])('of a server with %d worker(s)', (workers) => {
  const args = ['--workers', `${workers}`];

  test('the statistics are logged on SIGUSR2', async () => {
    const server = await startServer({ args, env: { EM_ECHO_LOG_LEVEL: 'info' } });
    for (let i = 0; i < 3; i++) {
      await echoOf(await connectTo(server), HELLO);
    }
    await connectTo(server).then((socket) => socket.write(HELLO));
    // A client gets its answer before its connection counts as closed.
    await until('the counts are right', () => {
      server.kill('SIGUSR2');
      return /connections=1 accepted=4 .* bytesReceived=20 bytesSent=20/.test(server.stderr);
    });
  });

  test('metrics and health are served over HTTP', async () => {
    const server = await startServer({ args: [...args, '--metrics', '127.0.0.1:0', '--format', 'json'] });
    const { metrics, listening } = JSON.parse(server.readyLine);
    const { hostname, port } = new URL(listening[0]);
    await echoOf(await connectTo({ address: { host: hostname, port: Number(port) } }), HELLO);
    expect((await fetch(`${metrics}/health`)).status).toBe(200);
    const text = await (await fetch(`${metrics}/metrics`)).text();
    expect(text).toContain('\nem_echo_connections_accepted_total 1\n');
    expect(text).toContain(`\nem_echo_sent_bytes_total ${HELLO.length}\n`);
  });
});

test.each([1, 2])('metrics and health are served while no more files can be opened (%d workers)', async (workers) => {
  const args = ['--workers', `${workers}`, '--metrics', '127.0.0.1:0', '--format', 'json'];
  const server = await startServer({ args, openFiles: 80 });
  const { metrics, listening } = JSON.parse(server.readyLine);
  const { hostname, port } = new URL(listening[0]);
  const clients = Array.from({ length: 100 }, () =>
    connect({ host: hostname, port: Number(port) }).on('error', () => undefined),
  );
  onTestFinished(() => {
    for (const client of clients) {
      client.destroy();
    }
  });
  await until('it is out of files', () => server.stderr.includes('new connections must wait'));
  for (let i = 0; i < 5; i++) {
    const health = await fetch(`${metrics}/health`);
    expect([health.status, await health.text()]).toEqual([200, 'serving\n']);
  }
  expect(await (await fetch(`${metrics}/metrics`)).text()).toMatch(/^em_echo_accept_pauses_total [1-9]/m);
  server.kill('SIGTERM');
});

test.each([1, 2])('datagrams that the kernel drops are counted (%d workers)', async (workers) => {
  const args = ['--workers', `${workers}`, '--metrics', '127.0.0.1:0', '--format', 'json'];
  const server = await startServer({ listen: ['udp://127.0.0.1:0'], args });
  const { metrics, listening } = JSON.parse(server.readyLine);
  const dropped = async () =>
    Number(
      /^em_echo_datagrams_kernel_dropped_total (\d+)$/m.exec(await (await fetch(`${metrics}/metrics`)).text())?.[1],
    );
  expect(await dropped()).toBe(0);
  server.kill('SIGSTOP');
  using client = UdpSocket.connect({ host: '127.0.0.1', port: Number(new URL(listening[0]).port) });
  for (let i = 0; i < 10_000; i++) {
    client.send(Buffer.alloc(1000));
  }
  server.kill('SIGCONT');
  expect(await dropped()).toBeGreaterThan(100);
});

describe('a reader of the log that has stopped', () => {
  test.each([
    ['a pipe', 1, openPipe],
    ['a pipe', 2, openPipe],
    ['a socket', 1, openSocketPair],
    ['a terminal', 1, openTerminal],
    ['a terminal', 2, openTerminal],
  ] as const)(
    'does not stop the server, and learns how much it has missed (%s, %d workers)',
    async (_, workers, open) => {
      const { readEnd, writeEnd, resume } = open();
      const args = [MAIN, '--port', '0', '--metrics', '127.0.0.1:0', '--format', 'json', '--stats-ms', '1'];
      const server = spawn(process.execPath, [...args, '--workers', `${workers}`], {
        stdio: ['ignore', 'pipe', writeEnd],
      });
      onTestFinished(() => void server.kill('SIGKILL'));
      const [line] = await once(createInterface(server.stdout as Readable), 'line');
      const { listening, metrics } = JSON.parse(line);
      const { hostname, port } = new URL(listening[0]);
      let before = -1;
      let answers = 0;
      // Each answer is a turn of the event loop that logs.
      await until('lines are dropped', async () => {
        const unread = unreadBytes(readEnd);
        expect((await fetch(`${metrics}/health`)).status).toBe(200);
        answers = unread === before ? answers + 1 : 0;
        before = unread;
        return answers === 20;
      });
      const client = await connectTo({ address: { host: hostname, port: Number(port) } });
      expect(await echoOf(client, HELLO)).toBe(checksum(HELLO));
      resume?.();
      let log = '';
      const buffer = Buffer.alloc(65_536);
      await until('the log says how many', () => {
        while (unreadBytes(readEnd) > 0) {
          log += buffer.toString('utf8', 0, readSync(readEnd, buffer));
        }
        return log.includes('dropped because');
      });
      const records = log
        .slice(0, log.lastIndexOf('\n'))
        .split('\n')
        .map((record) => JSON.parse(record));
      const notes = records.filter(({ message }) => message.includes('dropped because'));
      expect(notes[0]).toMatchObject({ level: 'WARN', properties: { lines: expect.any(Number) } });
    },
  );
});

test('a metrics port in use is reported on one line, exits with 3, and leaves nothing behind', async () => {
  const first = await startServer();
  const [url = ''] = first.urls;
  expect(await runCommand(['--port', '0', '--workers', '2', '--metrics', url.replace('tcp://', '')])).toEqual({
    code: 3,
    stdout: '',
    stderr:
      `em-echo-server: cannot listen on ${url.replace('tcp', 'http')}: the port is in use; ` +
      'stop the server that uses it, or choose another port (0 means any free port)\n',
  });
});

test('a server whose stdout and stderr have no reader keeps running', async () => {
  const path = `\0${randomUUID()}`;
  const server = spawn(process.execPath, [MAIN, '--listen', `unix:@${path.slice(1)}`, '--stats-ms', '1']);
  onTestFinished(() => void server.kill('SIGKILL'));
  server.stdout.destroy();
  server.stderr.destroy();
  for (let i = 0; i < 20; i++) {
    const socket = await eventually(() => connectToUnix(path));
    expect(await echoOf(socket, HELLO)).toBe(checksum(HELLO));
  }
  server.kill('SIGTERM');
  expect(await once(server, 'exit')).toEqual([0, null]);
});

/** Calls a function until it succeeds. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await setTimeout(5);
    }
  }
}

/** Ends of a channel that is closed after the test. */
interface Ends {
  readonly readEnd: number;
  readonly writeEnd: number;
  /** Ends the stop of a terminal. */
  readonly resume?: () => void;
}

function openPipe(): Ends {
  const folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  onTestFinished(() => {
    closeSync(readEnd);
    closeSync(writeEnd);
    rmSync(folder, { recursive: true });
  });
  return { readEnd, writeEnd };
}

/** A terminal that Ctrl-S has stopped. */
function openTerminal(): Ends {
  const readEnd = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  const number = new Int32Array(1);
  ioctl(readEnd, TIOCSPTLCK, new Uint8Array(number.buffer));
  ioctl(readEnd, TIOCGPTN, new Uint8Array(number.buffer));
  const writeEnd = openSync(`/dev/pts/${number[0]}`, constants.O_RDWR | constants.O_NOCTTY);
  onTestFinished(() => {
    closeSync(readEnd);
    closeSync(writeEnd);
  });
  ioctl(writeEnd, TCXONC, TCOOFF);
  return { readEnd, writeEnd, resume: () => void ioctl(writeEnd, TCXONC, TCOON) };
}

function openSocketPair(): Ends {
  const [reader, writer] = UnixStream.pair();
  onTestFinished(() => {
    reader.close();
    writer.close();
  });
  return { readEnd: reader.fd, writeEnd: writer.fd };
}

function unreadBytes(fd: number): number {
  const count = new Int32Array(1);
  ioctl(fd, FIONREAD, new Uint8Array(count.buffer));
  return count[0] ?? 0;
}
