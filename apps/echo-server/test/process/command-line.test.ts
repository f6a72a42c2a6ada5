import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checksum, connectTo, connectToUnix, echoOf } from './client.js';
import { runCommand, startServer } from './server-process.js';

const HELLO = Buffer.from('hello');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function canListen(host: string): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(0, host), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

const hasIpv6 = await canListen('::1');

test('--help and --version write to stdout and exit with 0', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const help = await runCommand(['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Sends back .*\n\nExamples:\n/);
  expect(await runCommand(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('bad usage writes one line to stderr and exits with 2', async () => {
  expect(await runCommand(['--prot', '0'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "em-echo-server: unknown option '--prot' (Did you mean --port?) (see em-echo-server --help)\n",
  });
  const { code, stderr } = await runCommand([], { env: { EM_ECHO_PORT: '65536' } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^em-echo-server: .* from env 'EM_ECHO_PORT' is invalid\. .*\n$/);
});

describe('the ready line has the real address', () => {
  test('of a port of this machine only, by default', async () => {
    const server = await startServer({ listen: [], args: ['--port', '0'] });
    expect(server.readyLine).toBe(`listening on tcp://127.0.0.1:${server.address.port}`);
    expect(server.address.port).toBeGreaterThan(0);
  });

  test.skipIf(!hasIpv6)('of an IPv6 port', async () => {
    const server = await startServer({ listen: ['tcp://[::1]:0'] });
    expect(server.readyLine).toBe(`listening on tcp://[::1]:${server.address.port}`);
    expect(await echoOf(await connectTo(server), HELLO)).toBe(checksum(HELLO));
  });

  test('of a host that the environment gives by name', async () => {
    const server = await startServer({ listen: [], env: { EM_ECHO_HOST: 'localhost', EM_ECHO_PORT: '0' } });
    expect(['127.0.0.1', '::1']).toContain(server.address.host);
  });

  test('of several sockets, each of which echoes', async () => {
    const path = join(folder, 'several.sock');
    const server = await startServer({
      listen: ['tcp://127.0.0.1:0', 'tcp://127.0.0.1:0', `unix:${path}`, `unix:@${path}`],
    });
    const [first = server.address, second = server.address] = server.addresses;
    expect(first.port).not.toBe(second.port);
    expect(server.urls.slice(2)).toEqual([`unix:${path}`, `unix:@${path}`]);
    for (const socket of [
      await connectTo({ address: first }),
      await connectTo({ address: second }),
      await connectToUnix(path),
      await connectToUnix(`\0${path}`),
    ]) {
      expect(await echoOf(socket, HELLO)).toBe(checksum(HELLO));
    }
  });

  test('as JSON', async () => {
    const server = await startServer({ args: ['--format', 'json'] });
    expect(JSON.parse(server.readyLine)).toEqual({
      ready: true,
      pid: server.pid,
      listening: [expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/)],
    });
  });
});

describe.skipIf(!hasIpv6)('[::]', () => {
  test('accepts IPv4 as well', async () => {
    const server = await startServer({ listen: ['tcp://[::]:0'] });
    const client = await connectTo({ address: { host: '127.0.0.1', port: server.address.port } });
    expect(await echoOf(client, HELLO)).toBe(checksum(HELLO));
  });

  test('leaves the port of IPv4 free with --ipv6 only', async () => {
    const first = await startServer({ listen: ['tcp://[::]:0'], args: ['--ipv6', 'only'] });
    const second = await startServer({ listen: [`tcp://0.0.0.0:${first.address.port}`] });
    expect(second.address).toMatchObject({ host: '0.0.0.0', port: first.address.port });
  });
});

describe('an endpoint that cannot be opened is reported on one line, exits with 3, and leaves nothing behind', () => {
  test('a port in use, whose server keeps running', async () => {
    const first = await startServer();
    const [url = ''] = first.urls;
    expect(await runCommand(['--listen', `unix:${folder}/behind.sock`, '--listen', url])).toEqual({
      code: 3,
      stdout: '',
      stderr:
        `em-echo-server: cannot listen on ${url}: the port is in use; ` +
        'stop the server that uses it, or choose another port (0 means any free port)\n',
    });
    expect(existsSync(join(folder, 'behind.sock'))).toBe(false);
    expect(await echoOf(await connectTo(first), HELLO)).toBe(checksum(HELLO));
  });

  test('a path in use, whose server keeps running', async () => {
    const path = join(folder, 'taken.sock');
    await startServer({ listen: [`unix:${path}`] });
    const { code, stderr } = await runCommand(['--listen', `unix:${path}`]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^em-echo-server: cannot listen on unix:.*: a server uses the path.*\n$/);
    expect(await echoOf(await connectToUnix(path), HELLO)).toBe(checksum(HELLO));
  });

  test('a path of a file that is not a socket', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'precious');
    const { code, stderr } = await runCommand(['--listen', `unix:${path}`]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^em-echo-server: cannot listen on unix:.*, or the file is not a socket; .*\n$/);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test.each([
    // No machine has an address of 192.0.2.0/24, which is for documentation (RFC 5737).
    ['an address of another machine', 'tcp://192.0.2.1:0', 'this machine does not have that address; '],
    ['a host that does not exist', `tcp://${'x'.repeat(64)}:0`, ''],
    ['a directory that does not exist', 'unix:/nowhere/echo.sock', 'no such directory; '],
    ['a directory that is a file', 'unix:/etc/hostname/echo.sock', 'a part of the path is not a directory; '],
    ['a file system that cannot be written to', 'unix:/proc/echo.sock', ''],
  ])('%s', async (_, url, advice) => {
    const path = join(folder, 'first.sock');
    const { code, stdout, stderr } = await runCommand(['--listen', `unix:${path}`, '--listen', url]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^em-echo-server: [^\n]+\n$/);
    expect(stderr).toContain(`cannot listen on ${url}: ${advice}`);
    expect(readdirSync(folder)).not.toContain('first.sock');
  });
});

/** Removes the privileges of root. The user stays the same. */
const WITHOUT_PRIVILEGES = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
const isRoot = process.getuid?.() === 0;
const canGiveUp = !isRoot || spawnSync('setpriv', [...WITHOUT_PRIVILEGES.slice(1), 'true']).status === 0;
const firstFreePort = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));

describe.skipIf(!canGiveUp)('an endpoint that is not permitted is reported on one line, and exits with 3', () => {
  const wrapper = isRoot ? WITHOUT_PRIVILEGES : [];

  test.each(['unix', 'unixgram'])('a %s socket in a directory that this user cannot write to', async (transport) => {
    const locked = mkdtempSync(join(folder, 'locked-'));
    chmodSync(locked, 0o500);
    const url = `${transport}:${locked}/echo.sock`;
    expect(await runCommand(['--listen', url], { wrapper })).toEqual({
      code: 3,
      stdout: '',
      stderr: `em-echo-server: cannot listen on ${url}: not permitted; choose a directory that this user can write to\n`,
    });
    expect(readdirSync(locked)).toEqual([]);
  });

  test.skipIf(firstFreePort <= 7).each(['tcp', 'udp'])('the %s port of RFC 862', async (transport) => {
    const url = `${transport}://127.0.0.1:7`;
    expect(await runCommand(['--listen', url], { wrapper })).toEqual({
      code: 3,
      stdout: '',
      stderr:
        `em-echo-server: cannot listen on ${url}: the port is reserved; ` +
        'choose a port from 1024 on, or run with CAP_NET_BIND_SERVICE\n',
    });
  });
});

describe('the file of a unix socket', () => {
  test('is removed when the server stops', async () => {
    const path = join(folder, 'stopped.sock');
    const server = await startServer({ listen: [`unix:${path}`] });
    expect(existsSync(path)).toBe(true);
    server.kill('SIGTERM');
    expect(await server.exitCode()).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  test('is replaced by the next server if a killed server left it', async () => {
    const path = join(folder, 'killed.sock');
    const server = await startServer({ listen: [`unix:${path}`] });
    server.kill('SIGKILL');
    await server.exitCode();
    expect(existsSync(path)).toBe(true);
    await startServer({ listen: [`unix:${path}`] });
    expect(await echoOf(await connectToUnix(path), HELLO)).toBe(checksum(HELLO));
  });
});
