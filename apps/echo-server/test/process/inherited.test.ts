import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventFd, setNonBlocking, TcpListener, UnixDatagram, UnixListener } from '@em/sys';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../until.js';
import { checksum, connectTo, connectToUnix, echoOf, readBytes } from './client.js';
import { runCommand, startServer } from './server-process.js';

const HELLO = Buffer.from('hello');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('sockets of a service manager', () => {
  test('are served, blocking or not, and their files stay', async () => {
    const path = join(folder, 'inherited.sock');
    using tcp = TcpListener.listen({ host: '127.0.0.1', port: 0 });
    using unix = UnixListener.listen({ path });
    using unixgram = UnixDatagram.bind({ path: `\0${path}` });
    setNonBlocking(tcp.fd, false);
    setNonBlocking(unix.fd, false);
    const server = await startServer({ listen: [], inherited: [tcp, unix, unixgram] });
    const { port } = tcp.address;
    expect(server.urls).toEqual([`tcp://127.0.0.1:${port}`, `unix:${path}`, `unixgram:@${path}`]);
    for (const connect of [() => connectTo(server), () => connectToUnix(path)]) {
      expect(await echoOf(await connect(), HELLO)).toBe(checksum(HELLO));
      expect(await echoOf(await connect(), HELLO)).toBe(checksum(HELLO));
    }
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    expect(existsSync(path)).toBe(true);
  });

  test.each([1, 2])(
    'pass to the next server while clients are served, and nothing is lost (%d workers)',
    async (workers) => {
      using tcp = TcpListener.listen({ host: '127.0.0.1', port: 0 });
      const options = { listen: [], inherited: [tcp], args: ['--workers', `${workers}`] };
      const bytes = randomBytes(2_000_000);
      const old = await startServer(options);
      const early = await Promise.all(Array.from({ length: 20 }, () => connectTo(old)));
      for (const socket of early) {
        socket.write('?');
        await readBytes(socket, 1);
      }
      const next = await startServer(options);
      old.kill('SIGTERM');
      const echoes = early.map((socket) => echoOf(socket, bytes));
      // Some of them reach the old server before it gets the signal.
      const late = Promise.all(Array.from({ length: 20 }, () => connectTo(next)));
      echoes.push(...(await late).map((socket) => echoOf(socket, bytes)));
      expect(new Set(await Promise.all(echoes))).toEqual(new Set([checksum(bytes)]));
      expect(await old.exitCode()).toBe(0);
      expect(await echoOf(await connectTo(next), HELLO)).toBe(checksum(HELLO));
    },
  );

  test('can be chosen by number or by name', async () => {
    using one = TcpListener.listen({ host: '127.0.0.1', port: 0 });
    using other = TcpListener.listen({ host: '127.0.0.1', port: 0 });
    const env = { LISTEN_FDNAMES: 'one:other' };
    const byName = await startServer({ listen: ['fd:other'], inherited: [one, other], env });
    expect(byName.addresses.map(({ port }) => port)).toEqual([other.address.port]);
    const byNumber = await startServer({ listen: ['fd:3'], inherited: [one, other], env });
    expect(byNumber.addresses.map(({ port }) => port)).toEqual([one.address.port]);
  });

  test('are refused on one line if they cannot be served', async () => {
    using eventFd = new EventFd();
    expect(await runCommand([], { inherited: [eventFd] })).toEqual({
      code: 3,
      stdout: '',
      stderr: 'em-echo-server: cannot listen on fd:3: the fd is not a socket\n',
    });
    expect((await runCommand(['--listen', 'fd:99'])).stderr).toBe(
      'em-echo-server: cannot listen on fd:99: this process has not inherited that fd\n',
    );
    expect(await runCommand(['--listen', 'fd:web'])).toMatchObject({ code: 3, stdout: '' });
    const twice = ['--listen', 'fd:3', '--listen', 'fd:one'];
    expect(await runCommand(twice, { inherited: [eventFd], env: { LISTEN_FDNAMES: 'one' } })).toEqual({
      code: 2,
      stdout: '',
      stderr: "em-echo-server: 'fd:3' and 'fd:one' are the same socket; give only one of them\n",
    });
  });
});

const hasSystemd = spawnSync('systemd-socket-activate', ['--version']).status === 0;

/** Whether a socket listens on the path. The file exists before that. */
function listensAt(path: string): boolean {
  const SO_ACCEPTCON = '00010000'; // in the flags, says <linux/net.h>
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .some((line) => line.includes(` ${SO_ACCEPTCON} `) && line.endsWith(` ${path}`));
}

test.skipIf(!hasSystemd)(
  'systemd-socket-activate starts the server at the first connection, which is served',
  async () => {
    const path = join(folder, 'activated.sock');
    const started = startServer({ listen: [], wrapper: ['systemd-socket-activate', '--fdname=web', '-l', path] });
    await until('it listens', () => listensAt(path));
    const socket = await connectToUnix(path);
    const server = await started;
    expect(server.urls).toEqual([`unix:${path}`]);
    expect(await echoOf(socket, HELLO)).toBe(checksum(HELLO));
  },
);
