import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventManager, EventSet, TcpListener, TcpStream } from '../../src/index.js';
import { getOption } from '../../src/sockets/socket-option.js';
import { expectOpened, openFiles } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

describe.each(['127.0.0.1', '::1'])('a connection over %s', (host) => {
  let listener: TcpListener;
  let client: TcpStream;
  let server: TcpStream;

  beforeEach(() => {
    listener = TcpListener.listen({ host, port: 0 });
    client = TcpStream.connect({ host, port: listener.address.port });
    server = waitFor(listener, EventSet.IN, () => listener.accept());
  });

  afterEach(() => {
    client.close();
    server.close();
    listener.close();
  });

  test('knows the addresses of both ends', () => {
    expect(listener.address).toMatchObject({ address: host, family: host === '::1' ? 'IPv6' : 'IPv4' });
    expect(listener.address.port).toBeGreaterThan(0);
    expect(server.localAddress).toEqual(listener.address);
    expect(server.remoteAddress).toEqual(client.localAddress);
  });

  test('carries bytes both ways, and would-block is a value', () => {
    const into = Buffer.alloc(16);
    expect(server.read(into)).toBeUndefined();
    client.setNoDelay(true);
    expect(client.write(Buffer.from('..ping'), 2)).toBe(4);
    expect(waitFor(server, EventSet.IN, () => server.read(into, 1, 15))).toBe(4);
    expect(into.toString('latin1', 1, 5)).toBe('ping');
    expect(server.write(into, 1, 4)).toBe(4);
    expect(waitFor(client, EventSet.IN, () => client.read(into))).toBe(4);
  });

  test('can end in one direction only', () => {
    const into = Buffer.alloc(16);
    client.shutdownWrite();
    expect(waitFor(server, EventSet.IN, () => server.read(into))).toBe(0);
    expect(server.write(Buffer.from('still here'))).toBe(10);
    expect(waitFor(client, EventSet.IN, () => client.read(into))).toBe(10);
  });

  test('reports whether everything has arrived at the other end', () => {
    expect(server.undeliveredBytes()).toBe(0);
    client.setReceiveBufferBytes(4096);
    const chunk = new Uint8Array(65_536);
    let missing = server.write(chunk) ?? 0;
    expect(missing).toBe(chunk.length);
    expect(server.undeliveredBytes()).toBeGreaterThan(0);
    client.setReceiveBufferBytes(chunk.length);
    while (missing > 0) {
      missing -= waitFor(client, EventSet.IN, () => client.read(chunk));
    }
    // The last acknowledgement has arrived when a byte that was sent after it has arrived.
    client.write(chunk, 0, 1);
    waitFor(server, EventSet.IN, () => server.read(chunk));
    expect(server.undeliveredBytes()).toBe(0);
  });

  test('fills up until a write would block, and drains again', () => {
    const chunk = new Uint8Array(65_536);
    let sent = 0;
    for (let n = client.write(chunk); n !== undefined; n = client.write(chunk)) {
      sent += n;
    }
    let received = 0;
    while (received < sent) {
      received += waitFor(server, EventSet.IN, () => server.read(chunk));
    }
    expect(received).toBe(sent);
    expect(waitFor(client, EventSet.OUT, () => client.write(chunk))).toBeGreaterThan(0);
  });

  test('throws EPIPE or ECONNRESET on a write once the peer has gone', () => {
    server.close();
    const error = waitFor(client, EventSet.IN, () => {
      try {
        client.write(new Uint8Array(1));
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    });
    expect(error).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/), syscall: 'send' });
  });
});

test('a refused connection reports OUT|ERROR|HANG_UP, and takeError() returns why, once', () => {
  const listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address;
  listener.close();
  using manager = new EventManager();
  using stream = TcpStream.connect({ host: '127.0.0.1', port });
  let seen = 0;
  manager.add(stream, EventSet.OUT, (events) => {
    seen = events;
  });
  manager.wait();
  expect(EventSet.format(seen)).toBe('OUT|ERROR|HANG_UP');
  expect(stream.takeError()).toMatchObject({ code: 'ECONNREFUSED', syscall: 'getsockopt' });
  expect(stream.takeError()).toBeUndefined();
});

test('accept() returns undefined if no connection is waiting', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  expect(listener.accept()).toBeUndefined();
});

test('listening at a port in use throws EADDRINUSE, and leaks no fd', async () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address;
  const before = openFiles();
  expect(raises(() => TcpListener.listen({ host: '127.0.0.1', port }))).toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'bind',
    message: `EADDRINUSE: address already in use, bind 127.0.0.1:${port}`,
  });
  await expectOpened(before);
});

test.each<[string, object, string]>([
  ['a name for a host', { host: 'localhost', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['a zone that is a name', { host: 'fe80::1%lo', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['an address with a NUL and more text', { host: '127.0.0.1\0x', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['no host', { port: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['a port of 65536', { host: '::1', port: 65_536 }, 'ERR_OUT_OF_RANGE'],
  ['a negative port', { host: '::1', port: -1 }, 'ERR_OUT_OF_RANGE'],
  ['a zone beyond 32 bits', { host: 'fe80::1%4294967296', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['a zone of IPv4', { host: '127.0.0.1%1', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['two zones', { host: '::1%1%2', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['a colon alone', { host: ':', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['a port as text', { host: '::1', port: '80' }, 'ERR_INVALID_ARG_TYPE'],
])('%s is refused by listen() and connect()', (_, options, code) => {
  expect(raises(() => TcpListener.listen(options as never)).code).toBe(code);
  expect(raises(() => TcpStream.connect(options as never)).code).toBe(code);
});

test("a listener at '::' accepts IPv4 too, unless it has ipv6Only", () => {
  using both = TcpListener.listen({ host: '::', port: 0 });
  const { port } = both.address;
  expect(raises(() => TcpListener.listen({ host: '0.0.0.0', port })).code).toBe('EADDRINUSE');
  using client = TcpStream.connect({ host: '127.0.0.1', port });
  using server = waitFor(both, EventSet.IN, () => both.accept());
  expect(server.remoteAddress).toEqual({
    address: '::ffff:127.0.0.1',
    family: 'IPv6',
    port: client.localAddress.port,
  });
  using ipv6 = TcpListener.listen({ host: '::', port: 0, ipv6Only: true });
  TcpListener.listen({ host: '0.0.0.0', port: ipv6.address.port }).close();
});

test('listeners that all set reusePort share a port', () => {
  using first = TcpListener.listen({ host: '127.0.0.1', port: 0, reusePort: true });
  const { port } = first.address;
  TcpListener.listen({ host: '127.0.0.1', port, reusePort: true }).close();
  expect(raises(() => TcpListener.listen({ host: '127.0.0.1', port })).code).toBe('EADDRINUSE');
});

test('an accepted connection has the keep-alive settings of its listener', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  listener.setKeepAlive(true, 42);
  using _client = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
  using stream = waitFor(listener, EventSet.IN, () => listener.accept());
  const { fd } = stream;
  expect(getOption(fd, 'SOL_SOCKET', 'SO_KEEPALIVE')).toBe(1);
  expect(getOption(fd, 'IPPROTO_TCP', 'TCP_KEEPIDLE')).toBe(42);
});

test('setKeepAlive() sets the option and the idle seconds, and refuses wrong values', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  using stream = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
  const keepAlive = () => getOption(stream.fd, 'SOL_SOCKET', 'SO_KEEPALIVE');
  const idleSeconds = () => getOption(stream.fd, 'IPPROTO_TCP', 'TCP_KEEPIDLE');
  const usual = idleSeconds();
  stream.setKeepAlive(true);
  expect([keepAlive(), idleSeconds()]).toEqual([1, usual]);
  stream.setKeepAlive(true, 42);
  expect([keepAlive(), idleSeconds()]).toEqual([1, 42]);
  stream.setKeepAlive(false);
  expect([keepAlive(), idleSeconds()]).toEqual([0, 42]);
  for (const seconds of [0, 32_768, 0.5]) {
    expect(raises(() => stream.setKeepAlive(true, seconds)).code).toBe('ERR_OUT_OF_RANGE');
  }
  expect(keepAlive()).toBe(0);
  expect(raises(() => Reflect.apply(stream.setKeepAlive, stream, [1])).code).toBe('ERR_INVALID_ARG_TYPE');
  expect(raises(() => Reflect.apply(stream.setNoDelay, stream, ['no'])).code).toBe('ERR_INVALID_ARG_TYPE');
});

test('an accepted connection inherits no-delay from its listener', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  for (const [noDelay, flag] of [
    [true, 1],
    [false, 0],
  ] as const) {
    listener.setNoDelay(noDelay);
    using client = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
    using server = waitFor(listener, EventSet.IN, () => listener.accept());
    expect(getOption(server.fd, 'IPPROTO_TCP', 'TCP_NODELAY')).toBe(flag);
    expect(getOption(client.fd, 'IPPROTO_TCP', 'TCP_NODELAY')).toBe(0);
  }
  expect(raises(() => Reflect.apply(listener.setNoDelay, listener, ['no'])).code).toBe('ERR_INVALID_ARG_TYPE');
});

test.each(['reusePort', 'ipv6Only'])('a %s that is not a boolean is refused, and leaks no fd', async (option) => {
  const before = openFiles();
  const options = { host: '127.0.0.1', port: 0, [option]: 1 };
  expect(raises(() => TcpListener.listen(options)).code).toBe('ERR_INVALID_ARG_TYPE');
  await expectOpened(before);
});
