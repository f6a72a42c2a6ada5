import { beforeEach, describe, expect, test } from 'vitest';
import { readEndpoint } from '../../src/cli/endpoint.js';
import { ExitCode, StartError } from '../../src/cli/start-error.js';
import { type OpenOptions, openAll } from '../../src/sockets/open-all.js';
import { FakeSocketLayer } from '../fakes/fake-socket-layer.js';

let layer: FakeSocketLayer;

beforeEach(() => {
  layer = new FakeSocketLayer();
});

function open(urls: readonly string[], options: Partial<OpenOptions> = {}) {
  return openAll(urls.map(readEndpoint), { ipv6: 'dual', backlog: 511, ...options }, layer);
}

async function refusal(...urls: string[]): Promise<StartError> {
  const refused = await open(urls).catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(StartError);
  return refused as StartError;
}

test('every endpoint is opened, and says where it really is', async () => {
  const opened = await open(['tcp://127.0.0.1:7', 'udp://[::1]:0', 'unix:@echo', 'unixgram:@echo']);
  expect(opened.map(({ url }) => url)).toEqual([
    'tcp://127.0.0.1:7',
    'udp://[::1]:40001',
    'unix:@echo',
    'unixgram:@echo',
  ]);
  expect(opened.map(({ serverSocket }) => serverSocket.transport)).toEqual(['tcp', 'udp', 'unix', 'unixgram']);
});

test('what TCP accepts sends small writes at once', async () => {
  const [opened] = await open(['tcp://127.0.0.1:7']);
  expect(opened?.serverSocket.socket).toMatchObject({ noDelay: true });
});

test('options are handed on', async () => {
  await open(['tcp://[::]:7', 'udp://[::]:7', 'unix:@a', 'unixgram:@b'], { ipv6: 'only', backlog: 3 });
  await open(['tcp://[::]:7']);
  expect(layer.asked).toEqual([
    { host: '::', port: 7, backlog: 3, ipv6Only: true },
    { host: '::', port: 7, ipv6Only: true },
    { path: '\0a', backlog: 3 },
    { path: '\0b' },
    { host: '::', port: 7, backlog: 511, ipv6Only: false },
  ]);
});

test('a name is looked up', async () => {
  const [opened] = await open(['tcp://localhost:7']);
  expect(['tcp://127.0.0.1:7', 'tcp://[::1]:7']).toContain(opened?.url);
});

describe('what cannot be listened on is said with advice, and exits with 3', () => {
  test.each([
    ['tcp://10.0.0.1:80', 80, 'EADDRINUSE', /the port is in use; /],
    ['tcp://10.0.0.1:80', 80, 'EACCES', /the port is reserved; /],
    ['tcp://10.0.0.1:80', 80, 'EADDRNOTAVAIL', /does not have that address; /],
    ['tcp://10.0.0.1:80', 80, 'EMFILE', /ulimit/],
    ['tcp://10.0.0.1:80', 80, 'ENOBUFS', /: ENOBUFS: of some kind$/],
    ['unix:@a', '\0a', 'EADDRINUSE', /somebody answers there, or it is no socket; /],
    ['unix:/a/b', '/a/b', 'ENOENT', /no such directory; /],
    ['unix:/a/b', '/a/b', 'EACCES', /not permitted; /],
    ['unix:/a/b', '/a/b', 'ENOTDIR', /what should be a directory is none; /],
    ['unix:/a/b', '/a/b', 'EROFS', /read-only; /],
  ])('%s: %s', async (url, key, code, advice) => {
    layer.failures.set(key, code);
    const { exitCode, message, cause } = await refusal(url);
    expect(exitCode).toBe(ExitCode.CANNOT_LISTEN);
    expect(message.startsWith(`cannot listen on ${url}: `)).toBe(true);
    expect(message).toMatch(advice);
    expect(cause).toMatchObject({ code });
  });

  test('a name that cannot exist', async () => {
    // No label of a name has more than 63 letters, RFC 1035: nobody need be asked.
    const url = `tcp://${'x'.repeat(64)}:7`;
    expect((await refusal(url)).message).toContain(`cannot listen on ${url}: `);
  });

  test('nothing is left open', async () => {
    layer.failures.set(7, 'EADDRINUSE');
    await refusal('tcp://127.0.0.1:5', 'unix:@a', 'tcp://127.0.0.1:7', 'tcp://127.0.0.1:8');
    expect(layer.opened.map(({ closed }) => closed)).toEqual([true, true]);
  });
});
