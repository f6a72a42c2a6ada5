import { existsSync, fstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sys from '@em/sys';
import {
  dup,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixSeqpacketListener,
  UnixStream,
} from '@em/sys';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readEndpoint } from '../../src/cli/endpoint.js';
import { ExitCode, StartError } from '../../src/errors.js';
import { type OpenOptions, type OpenSocket, openAll } from '../../src/sockets/open-all.js';
import { systemError } from '../fakes/system-error.js';

let places: OpenSocket[];
let folder: string;

beforeEach(() => {
  places = [];
  folder = mkdtempSync(join(tmpdir(), 'em-echo-'));
});

afterEach(() => {
  for (const place of places) {
    place.close();
  }
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

async function open(urls: readonly string[], options: Partial<OpenOptions> = {}): Promise<readonly OpenSocket[]> {
  const endpoints = urls.map(readEndpoint);
  const opened = await openAll(
    endpoints,
    { ipv6: 'dual', backlog: 511, keepAliveMs: 1500, workers: 1, ...options },
    sys,
  );
  places.push(...opened);
  return opened;
}

async function refusal(...urls: string[]): Promise<StartError> {
  const refused = await open(urls).catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(StartError);
  return refused as StartError;
}

/** The URL of an inherited socket, which is a duplicate of this one. */
function inherited(socket: { readonly fd: number; close(): void }): string {
  onTestFinished(() => socket.close());
  return `fd:${dup(socket.fd)}`;
}

/** The sockets that a spy has returned. */
function returned<S>({ mock }: { readonly mock: { readonly results: readonly { readonly value: S }[] } }): S[] {
  return mock.results.map(({ value }) => value);
}

function portOf(place: OpenSocket | undefined): number {
  return Number(/\d+$/.exec(place?.url ?? '')?.[0]);
}

test('every endpoint is opened, and has its real address', async () => {
  const [stream, datagram] = [`unix:${folder}/stream`, 'unixgram:@em-echo-opened'];
  const opened = await open(['tcp://127.0.0.1:0', 'udp://[::1]:0', stream, datagram]);
  expect(opened.map(({ url }) => url)).toEqual([
    expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/),
    expect.stringMatching(/^udp:\/\/\[::1\]:[1-9]\d*$/),
    stream,
    datagram,
  ]);
  expect(opened.flatMap(({ sockets }) => sockets.map(({ transport }) => transport))).toEqual([
    'tcp',
    'udp',
    'unix',
    'unixgram',
  ]);
});

test('TCP connections send small writes at once', async () => {
  const setNoDelay = vi.spyOn(TcpListener.prototype, 'setNoDelay');
  await open(['tcp://127.0.0.1:0', inherited(TcpListener.listen({ host: '127.0.0.1', port: 0 }))]);
  expect(setNoDelay.mock.calls).toEqual([[true], [true]]);
});

test('silent TCP clients are probed after this time, in whole seconds, or never', async () => {
  const setKeepAlive = vi.spyOn(TcpListener.prototype, 'setKeepAlive');
  const listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  await open(['tcp://127.0.0.1:0', inherited(listener)]);
  await open(['tcp://127.0.0.1:0', inherited(listener)], { keepAliveMs: Number.POSITIVE_INFINITY });
  expect(setKeepAlive.mock.calls).toEqual([
    [true, 2],
    [true, 2],
  ]);
});

test('options are passed to the sockets', async () => {
  const spies = [
    vi.spyOn(TcpListener, 'listen'),
    vi.spyOn(UdpSocket, 'bind'),
    vi.spyOn(UnixListener, 'listen'),
    vi.spyOn(UnixDatagram, 'bind'),
  ];
  const [a, b] = ['\0em-echo-a', '\0em-echo-b'];
  await open(['tcp://[::]:0', 'udp://[::]:0', 'unix:@em-echo-a', 'unixgram:@em-echo-b'], { ipv6: 'only', backlog: 3 });
  await open(['tcp://[::]:0']);
  expect(spies.map(({ mock }) => mock.calls.flat())).toEqual([
    [
      { host: '::', port: 0, backlog: 3, ipv6Only: true, reusePort: false },
      { host: '::', port: 0, backlog: 511, ipv6Only: false, reusePort: false },
    ],
    [{ host: '::', port: 0, ipv6Only: true, reusePort: false }],
    [{ path: a, backlog: 3 }],
    [{ path: b }],
  ]);
});

test('a name is looked up', async () => {
  const [opened] = await open(['tcp://localhost:0']);
  expect(opened?.url).toMatch(/^tcp:\/\/(127\.0\.0\.1|\[::1\]):/);
});

describe('for several workers', () => {
  test('each gets an IP socket, all on the port of the first', async () => {
    const setNoDelay = vi.spyOn(TcpListener.prototype, 'setNoDelay');
    const opened = await open(['tcp://127.0.0.1:0', 'udp://127.0.0.1:0'], { workers: 3 });
    expect(opened.map(({ sockets }) => sockets.length)).toEqual([3, 3]);
    for (const { url, sockets } of opened) {
      const ports = sockets.map(({ socket }) =>
        socket instanceof TcpListener ? socket.address.port : (socket as UdpSocket).localAddress.port,
      );
      expect(ports).toEqual(Array(3).fill(portOf({ url } as OpenSocket)));
    }
    expect(setNoDelay).toHaveBeenCalledTimes(3);
  });

  test('the port is first bound without sharing, in case another server shares it', async () => {
    const shared = TcpListener.listen({ host: '127.0.0.1', port: 0, reusePort: true });
    const { port } = shared.address;
    const refused = open([`tcp://127.0.0.1:${port}`], { workers: 2 });
    await expect(refused).rejects.toThrow('the port is in use');
    shared.close();
    const listen = vi.spyOn(TcpListener, 'listen');
    await open([`tcp://127.0.0.1:${port}`], { workers: 2 });
    expect(listen.mock.calls.map(([{ reusePort }]) => reusePort)).toEqual([false, true, true]);
    expect(returned(listen).map(({ closed }) => closed)).toEqual([true, false, false]);
  });

  test('no socket is left open if one of them cannot be opened', async () => {
    const { bind } = UdpSocket;
    const spy = vi.spyOn(UdpSocket, 'bind').mockImplementation((options) => {
      if (spy.mock.calls.length === 3) {
        throw systemError('EMFILE');
      }
      return bind(options);
    });
    await expect(open(['udp://127.0.0.1:0'], { workers: 3 })).rejects.toThrow('too many open files');
    expect(
      returned(spy)
        .slice(0, 2)
        .map(({ closed }) => closed),
    ).toEqual([true, true]);
  });

  test('all share one unix socket, or an inherited one', async () => {
    const fd = inherited(TcpListener.listen({ host: '127.0.0.1', port: 0 }));
    const opened = await open([`unix:${folder}/a`, `unixgram:${folder}/b`, fd], { workers: 3 });
    expect(opened.map(({ sockets }) => sockets.length)).toEqual([1, 1, 1]);
  });
});

test('close() closes every socket of a place, and can be called again', async () => {
  const listen = vi.spyOn(TcpListener, 'listen');
  const [place] = await open(['tcp://127.0.0.1:0'], { workers: 2 });
  place?.close();
  place?.close();
  expect(returned(listen).map(({ closed }) => closed)).toEqual([true, true]);
});

test('a UDP socket receives datagrams together, and has room for a burst, unless it is inherited', async () => {
  const setCoalescing = vi.spyOn(UdpSocket.prototype, 'setCoalescing');
  const setReceiveBufferBytes = vi.spyOn(UdpSocket.prototype, 'setReceiveBufferBytes');
  await open(['udp://127.0.0.1:0', inherited(UdpSocket.bind({ host: '127.0.0.1', port: 0 }))]);
  expect(setCoalescing.mock.calls).toEqual([[true]]);
  expect(setReceiveBufferBytes.mock.calls).toEqual([[4 * 1024 * 1024]]);
});

describe('an inherited socket', () => {
  test.each([
    ['tcp', () => TcpListener.listen({ host: '127.0.0.1', port: 0 }), /^tcp:\/\/127\.0\.0\.1:[1-9]/],
    ['tcp', () => TcpListener.listen({ host: '::1', port: 0 }), /^tcp:\/\/\[::1\]:[1-9]/],
    ['udp', () => UdpSocket.bind({ host: '::1', port: 0 }), /^udp:\/\/\[::1\]:[1-9]/],
    ['unix', () => UnixListener.listen({ path: join(folder, 'a') }), /^unix:\/.*\/a$/],
    ['unixgram', () => UnixDatagram.bind({ path: '\0em-echo-inherited' }), /^unixgram:@em-echo-inherited$/],
  ])('of the kind %s is taken over, and has its real address: %#', async (transport, make, url) => {
    const fd = inherited(make());
    const [opened] = await open([fd]);
    expect(opened?.sockets).toMatchObject([{ transport, socket: { fd: Number(fd.slice(3)) } }]);
    expect(opened?.url).toMatch(url);
  });

  test.each([
    ['a TCP socket that does not listen', connectedTcp],
    ['a unix stream that does not listen', () => UnixStream.pair()[0]],
    ['a unix seqpacket listener', () => UnixSeqpacketListener.listen({ path: '\0em-echo-seqpacket' })],
  ])('is refused, and stays as it is, if it is %s', async (_, make) => {
    const url = inherited(make());
    expect((await refusal(url)).message).toMatch(
      /^cannot listen on fd:\d+: the fd must be a listening TCP or unix stream socket/,
    );
    expect(fstatSync(Number(url.slice(3))).isSocket()).toBe(true);
  });

  test('that does not exist is refused', async () => {
    expect((await refusal('fd:1000000')).message).toBe(
      'cannot listen on fd:1000000: this process has not inherited that fd',
    );
  });
});

function connectedTcp(): TcpStream {
  const listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => listener.close());
  return TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
}

describe('an endpoint that cannot be opened is reported with advice, and exits with 3', () => {
  test.each([
    ['tcp://10.0.0.1:80', 'EADDRINUSE', /the port is in use; /],
    ['tcp://10.0.0.1:80', 'EACCES', /the port is reserved; /],
    ['tcp://10.0.0.1:80', 'EADDRNOTAVAIL', /does not have that address; /],
    ['tcp://10.0.0.1:80', 'EMFILE', /ulimit/],
    ['tcp://10.0.0.1:80', 'ENOBUFS', /: ENOBUFS: of some kind$/],
    ['unix:@a', 'EADDRINUSE', /a server uses the path, or the file is not a socket; /],
    ['unix:/a/b', 'ENOENT', /no such directory; /],
    ['unix:/a/b', 'EACCES', /not permitted; /],
    ['unix:/a/b', 'ENOTDIR', /a part of the path is not a directory; /],
    ['unix:/a/b', 'EROFS', /read-only; /],
  ])('%s: %s', async (url, code, advice) => {
    const fail = (): never => {
      throw systemError(code);
    };
    vi.spyOn(TcpListener, 'listen').mockImplementation(fail);
    vi.spyOn(UnixListener, 'listen').mockImplementation(fail);
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
    const taken = TcpListener.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => taken.close());
    const spies = [vi.spyOn(TcpListener, 'listen'), vi.spyOn(UnixListener, 'listen')] as const;
    const inUse = `tcp://127.0.0.1:${taken.address.port}`;
    await refusal('tcp://127.0.0.1:0', `unix:${folder}/a`, inUse, 'tcp://127.0.0.1:0');
    const [listeners, unixListeners] = spies.map(({ mock }) => mock.results.map(({ value }) => value));
    expect(listeners?.map(({ closed }) => closed)).toEqual([true, undefined]);
    expect(unixListeners?.map(({ closed }) => closed)).toEqual([true]);
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });
});
