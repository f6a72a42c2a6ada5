import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { helpText } from '../../src/help.js';
import { checksum, connectTo, echoOf } from './client.js';
import { runCommand, startServer } from './server-process.js';

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
  expect(await runCommand(['--help'])).toEqual({ code: 0, stdout: `${helpText()}\n`, stderr: '' });
  expect(await runCommand(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('bad usage writes one line to stderr and exits with 2', async () => {
  expect(await runCommand(['--prot', '0'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "em-echo-server: unknown option '--prot'. Did you mean --port? See em-echo-server --help\n",
  });
  const { code, stderr } = await runCommand([], { EM_ECHO_PORT: '65536' });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^em-echo-server: EM_ECHO_PORT must be .*\n$/);
});

describe('the ready line tells the real address', () => {
  test('of the default host', async () => {
    const { readyLine, address } = await startServer();
    expect(readyLine).toBe(`listening on tcp://127.0.0.1:${address.port}`);
    expect(address.port).toBeGreaterThan(0);
  });

  test.skipIf(!hasIpv6)('of an IPv6 address', async () => {
    const server = await startServer({ args: ['--host', '::1'] });
    expect(server.readyLine).toBe(`listening on tcp://[::1]:${server.address.port}`);
    expect(await echoOf(await connectTo(server), Buffer.from('6'))).toBe(checksum(Buffer.from('6')));
  });

  test('of a host given by name in the environment', async () => {
    const server = await startServer({ env: { EM_ECHO_HOST: 'localhost' } });
    expect(['127.0.0.1', '::1']).toContain(server.address.host);
  });
});

describe('what cannot be listened on is said in one line, and exits with 1', () => {
  test('a port in use; the server that has it goes on', async () => {
    const first = await startServer();
    const { port } = first.address;
    expect(await runCommand(['--port', `${port}`])).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `em-echo-server: cannot listen on tcp://127.0.0.1:${port}: the port is in use; ` +
        'stop the server that has it, or choose another with --port (0 takes any free one)\n',
    });
    expect(await echoOf(await connectTo(first), Buffer.from('on'))).toBe(checksum(Buffer.from('on')));
  });

  test('an address of somebody else', async () => {
    // 192.0.2.0/24 is for documentation, RFC 5737: no machine has it.
    const { code, stderr } = await runCommand(['--host', '192.0.2.1', '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^em-echo-server: cannot listen on tcp:\/\/192\.0\.2\.1:0: this machine does not have .*\n$/,
    );
  });

  test('a host that does not exist', async () => {
    const { code, stderr } = await runCommand(['--host', 'x'.repeat(64), '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^em-echo-server: cannot listen on .*\n$/);
  });
});
