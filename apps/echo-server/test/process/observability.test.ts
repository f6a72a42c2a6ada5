import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { checksum, connectTo, connectToUnix, echoOf } from './client.js';
import { MAIN, runCommand, startServer } from './server-process.js';

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

test('statistics are logged periodically', async () => {
  const server = await startServer({ args: ['--stats-ms', '10'], env: { EM_ECHO_LOG_LEVEL: 'info' } });
  await until(
    'the statistics have been logged several times',
    () => server.stderr.split(' INFO statistics ').length > 5,
  );
});

describe('the log', () => {
  test('is one JSON object per line with --format json', async () => {
    const server = await startServer({ args: ['--format', 'json', '--log-level', 'info'] });
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    const records = server.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ level, message }) => [level, message])).toEqual([
      ['INFO', 'stopping'],
      ['INFO', 'stopped'],
    ]);
    expect(records[0]).toMatchObject({ logger: 'em-echo-server', properties: { signal: 'SIGTERM', connections: 0 } });
  });

  test('is text by default', async () => {
    const server = await startServer({ args: ['--log-level', 'info'] });
    server.kill('SIGINT');
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toMatch(/^\S+Z INFO stopping signal=SIGINT connections=0\n\S+Z INFO stopped\n$/);
  });

  test('is empty with --log-level off', async () => {
    const server = await startServer({ args: ['--log-level', 'off', '--stats-ms', '1'] });
    await echoOf(await connectTo(server), HELLO);
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    expect(server.stderr).toBe('');
  });
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
