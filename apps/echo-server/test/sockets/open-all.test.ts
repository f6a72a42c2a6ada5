import { beforeEach, describe, expect, test } from 'vitest';
import { readEndpoint } from '../../src/cli/endpoint.js';
import { ExitCode, StartError } from '../../src/cli/start-error.js';
import { type OpenOptions, openAll } from '../../src/sockets/open-all.js';
import type { SocketKind } from '../../src/sockets/socket-layer.js';
import { FakeSocketLayer } from '../fakes/fake-socket-layer.js';

let layer: FakeSocketLayer;

beforeEach(() => {
  layer = new FakeSocketLayer();
});

function open(urls: readonly string[], options: Partial<OpenOptions> = {}) {
  return openAll(
    urls.map(readEndpoint),
    { ipv6: 'dual', backlog: 511, keepAliveMs: 1500, workers: 1, ...options },
    layer,
  );
}

async function refusal(...urls: string[]): Promise<StartError> {
  const refused = await open(urls).catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(StartError);
  return refused as StartError;
}

test('every endpoint is opened, and has its real address', async () => {
  const opened = await open(['tcp://127.0.0.1:7', 'udp://[::1]:0', 'unix:@echo', 'unixgram:@echo']);
  expect(opened.map(({ url }) => url)).toEqual([
    'tcp://127.0.0.1:7',
    'udp://[::1]:40001',
    'unix:@echo',
    'unixgram:@echo',
  ]);
  expect(opened.flatMap(({ sockets }) => sockets.map(({ transport }) => transport))).toEqual([
    'tcp',
    'udp',
    'unix',
    'unixgram',
  ]);
});

test('TCP connections send small writes at once', async () => {
  const [opened] = await open(['tcp://127.0.0.1:7']);
  expect(opened?.sockets[0]?.socket).toMatchObject({ noDelay: true });
});

test('silent TCP clients are probed after this time, in whole seconds, or never', async () => {
  layer.kinds.set(3, { family: 'IPv4', type: 'stream', listening: true });
  await open(['tcp://127.0.0.1:7', 'fd:3']);
  await open(['tcp://127.0.0.1:7', 'fd:3'], { keepAliveMs: Number.POSITIVE_INFINITY });
  expect(layer.opened.map(({ keepAlive }) => keepAlive)).toEqual([2, 2, undefined, undefined]);
});

test('options are passed to the sockets', async () => {
  await open(['tcp://[::]:7', 'udp://[::]:7', 'unix:@a', 'unixgram:@b'], { ipv6: 'only', backlog: 3 });
  await open(['tcp://[::]:7']);
  expect(layer.asked).toEqual([
    { host: '::', port: 7, backlog: 3, ipv6Only: true, reusePort: false },
    { host: '::', port: 7, ipv6Only: true, reusePort: false },
    { path: '\0a', backlog: 3 },
    { path: '\0b' },
    { host: '::', port: 7, backlog: 511, ipv6Only: false, reusePort: false },
  ]);
});

test('a name is looked up', async () => {
  const [opened] = await open(['tcp://localhost:7']);
  expect(['tcp://127.0.0.1:7', 'tcp://[::1]:7']).toContain(opened?.url);
});

describe('for several workers', () => {
  test('each gets an IP socket, all on the port of the first', async () => {
    const opened = await open(['tcp://127.0.0.1:0', 'udp://127.0.0.1:0'], { workers: 3 });
    expect(opened.map(({ url, sockets }) => [url, sockets.length])).toEqual([
      ['tcp://127.0.0.1:40000', 3],
      ['udp://127.0.0.1:40003', 3],
    ]);
    expect(layer.asked).toMatchObject([
      { port: 0, reusePort: true },
      { port: 40_000, reusePort: true },
      { port: 40_000, reusePort: true },
      { port: 0, reusePort: true },
      { port: 40_003, reusePort: true },
      { port: 40_003, reusePort: true },
    ]);
    expect(layer.opened.slice(0, 3).every(({ noDelay }) => noDelay)).toBe(true);
  });

  test('the port is first bound without sharing, in case another server shares it', async () => {
    await open(['tcp://127.0.0.1:7'], { workers: 2 });
    expect(layer.asked).toMatchObject([{ reusePort: false }, { reusePort: true }, { reusePort: true }]);
    expect(layer.opened.map(({ closed }) => closed)).toEqual([true, false, false]);
  });

  test('no socket is left open if one of them cannot be opened', async () => {
    layer.failures.set(40_000, 'EMFILE');
    await expect(open(['udp://127.0.0.1:0'], { workers: 3 })).rejects.toThrow('too many open files');
    expect(layer.opened.map(({ closed }) => closed)).toEqual([true]);
  });

  test('all share one unix socket, or an inherited one', async () => {
    layer.kinds.set(5, { family: 'IPv4', type: 'stream', listening: true });
    const opened = await open(['unix:@a', 'unixgram:@b', 'fd:5'], { workers: 3 });
    expect(opened.map(({ sockets }) => sockets.length)).toEqual([1, 1, 1]);
    for (const place of opened) {
      place.close();
    }
    expect(layer.opened.every(({ closed }) => closed)).toBe(true);
  });
});

test('only a UDP socket at all addresses reports which of them was asked', async () => {
  await open(['udp://127.0.0.1:0', 'udp://0.0.0.0:0', 'udp://[::1]:0', 'udp://[::]:0', 'tcp://0.0.0.0:0']);
  expect(layer.opened.map(({ packetInfo }) => packetInfo)).toEqual([false, true, false, true, false]);
});

test('a UDP socket receives datagrams together, and has room for a burst, unless it is inherited', async () => {
  layer.kinds.set(5, { family: 'IPv4', type: 'datagram', listening: false });
  await open(['udp://127.0.0.1:0', 'fd:5']);
  expect(layer.opened.map(({ coalescing }) => coalescing)).toEqual([true, false]);
  expect(layer.opened.map(({ receiveBufferBytes }) => receiveBufferBytes)).toEqual([4 * 1024 * 1024, 0]);
});

describe('an inherited socket', () => {
  test.each<[SocketKind, string, string]>([
    [{ family: 'IPv4', type: 'stream', listening: true }, 'tcp', 'tcp://10.0.0.1:5'],
    [{ family: 'IPv6', type: 'stream', listening: true }, 'tcp', 'tcp://10.0.0.1:5'],
    [{ family: 'IPv6', type: 'datagram', listening: false }, 'udp', 'udp://10.0.0.1:5'],
    [{ family: 'unix', type: 'stream', listening: true }, 'unix', 'unix:/run/5'],
    [{ family: 'unix', type: 'datagram', listening: false }, 'unixgram', 'unixgram:@5'],
  ])('%j is taken over as its kind, and made non-blocking', async (kind, transport, url) => {
    layer.kinds.set(5, kind);
    const [opened] = await open(['fd:5']);
    expect(opened?.sockets).toMatchObject([{ transport, socket: { fd: 5 } }]);
    expect(opened?.url).toBe(url);
  });

  test.each<SocketKind>([
    { family: 'IPv4', type: 'stream', listening: false },
    { family: 'unix', type: 'stream', listening: false },
    { family: 'unix', type: 'seqpacket', listening: true },
    { family: 'IPv4', type: undefined, listening: false },
    { family: undefined, type: 'datagram', listening: false },
  ])('%j is refused, and stays as it is', async (kind) => {
    layer.kinds.set(5, kind);
    expect((await refusal('fd:5')).message).toMatch(
      /^cannot listen on fd:5: the fd must be a listening TCP or unix stream socket/,
    );
  });

  test('that does not exist is refused', async () => {
    expect((await refusal('fd:5')).message).toBe('cannot listen on fd:5: this process has not inherited that fd');
  });
});

describe('an endpoint that cannot be opened is reported with advice, and exits with 3', () => {
  test.each([
    ['tcp://10.0.0.1:80', 80, 'EADDRINUSE', /the port is in use; /],
    ['tcp://10.0.0.1:80', 80, 'EACCES', /the port is reserved; /],
    ['tcp://10.0.0.1:80', 80, 'EADDRNOTAVAIL', /does not have that address; /],
    ['tcp://10.0.0.1:80', 80, 'EMFILE', /ulimit/],
    ['tcp://10.0.0.1:80', 80, 'ENOBUFS', /: ENOBUFS: of some kind$/],
    ['unix:@a', '\0a', 'EADDRINUSE', /a server uses the path, or the file is not a socket; /],
    ['unix:/a/b', '/a/b', 'ENOENT', /no such directory; /],
    ['unix:/a/b', '/a/b', 'EACCES', /not permitted; /],
    ['unix:/a/b', '/a/b', 'ENOTDIR', /a part of the path is not a directory; /],
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
    // A label of a name has at most 63 letters (RFC 1035), so that no server is asked.
    const url = `tcp://${'x'.repeat(64)}:7`;
    expect((await refusal(url)).message).toContain(`cannot listen on ${url}: `);
  });

  test('no socket is left open', async () => {
    layer.failures.set(7, 'EADDRINUSE');
    await refusal('tcp://127.0.0.1:5', 'unix:@a', 'tcp://127.0.0.1:7', 'tcp://127.0.0.1:8');
    expect(layer.opened.map(({ closed }) => closed)).toEqual([true, true]);
  });
});
