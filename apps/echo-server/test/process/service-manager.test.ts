import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnixDatagram } from '@em/sys';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { until } from '../until.js';
import { startServer } from './server-process.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A notify socket, and the messages that it has received. */
function listenAt(path: string): () => readonly string[] {
  const socket = UnixDatagram.bind({ path });
  onTestFinished(() => socket.close());
  const heard: string[] = [];
  const buffer = Buffer.alloc(4096);
  return () => {
    for (let message = socket.receiveFrom(buffer); message !== undefined; message = socket.receiveFrom(buffer)) {
      heard.push(buffer.toString('utf8', 0, message.length));
    }
    return heard;
  };
}

describe('a service manager', () => {
  test.each([
    ['at a path', () => join(folder, 'notify.sock'), []],
    ['with an abstract name', () => `@${randomUUID()}`, ['--workers', '2']],
  ])('%s is notified when clients can connect, and when the server stops', async (_, place, args) => {
    const address = place();
    const heard = listenAt(address.replace(/^@/, '\0'));
    const server = await startServer({ args, env: { NOTIFY_SOCKET: address } });
    await until('it is notified', () => heard().length === 1);
    expect(heard()).toEqual([`READY=1\nSTATUS=listening on ${server.urls[0]}`]);
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    expect(heard().at(-1)).toBe('STOPPING=1');
  });

  test.each([1, 2])('gets watchdog notifications repeatedly (%d workers)', async (workers) => {
    const path = `\0${randomUUID()}`;
    const heard = listenAt(path);
    await startServer({
      args: ['--workers', `${workers}`],
      env: { NOTIFY_SOCKET: path.replace('\0', '@'), WATCHDOG_USEC: '40000' },
    });
    await until(
      'it has been notified several times',
      () => heard().filter((message) => message === 'WATCHDOG=1').length > 5,
    );
  });

  test('gets no watchdog notification too early, even if the timeout is longer than timers of Node can be', async () => {
    const path = `\0${randomUUID()}`;
    const heard = listenAt(path);
    const server = await startServer({
      args: ['--stats-ms', '1'],
      // In milliseconds, half of it is more than 2³¹.
      env: { NOTIFY_SOCKET: path.replace('\0', '@'), WATCHDOG_USEC: '9000000000000', EM_ECHO_LOG_LEVEL: 'info' },
    });
    // Node would call a timer that is too long every millisecond, as it does this one.
    await until('other timers have expired many times', () => server.stderr.split(' INFO statistics ').length > 50);
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    expect(heard()).toEqual([`READY=1\nSTATUS=listening on ${server.urls[0]}`, 'STOPPING=1']);
  });

  test('whose queue is full is notified as soon as it has room', async () => {
    const path = `\0${randomUUID()}`;
    const heard = listenAt(path);
    using flood = UnixDatagram.connect({ path });
    await until('the queue is full', () => flood.send(Buffer.from('flood')) === undefined);
    const server = await startServer({ env: { NOTIFY_SOCKET: path.replace('\0', '@') } });
    await until('it is notified', () => heard().at(-1)?.startsWith('READY=1') === true);
    expect(server.stderr).toBe('');
  });

  test('that is gone does not end the server', async () => {
    const server = await startServer({ env: { NOTIFY_SOCKET: join(folder, 'nobody') } });
    await until('the error is logged', () => server.stderr !== '');
    expect(server.stderr).toMatch(/^\S+ WARNING cannot notify the service manager message=".*" reason="ENOENT: .*"\n$/);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)('systemd-analyze accepts the units', () => {
  const units = globSync(join(import.meta.dirname, '../../systemd/*'));
  expect(units).toHaveLength(2);
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
