import { EventSet } from '@em/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventManager, TcpListener, TcpStream } from '../src/index.js';
import { raises } from './raises.js';

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

  test('knows both of its ends', () => {
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

  test('ends in one direction alone', () => {
    const into = Buffer.alloc(16);
    client.shutdownWrite();
    expect(waitFor(server, EventSet.IN, () => server.read(into))).toBe(0);
    expect(server.write(Buffer.from('still here'))).toBe(10);
    expect(waitFor(client, EventSet.IN, () => client.read(into))).toBe(10);
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

  test('is EPIPE or ECONNRESET to write to once the peer is gone', () => {
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

test('a refused connection reports OUT|ERROR|HANG_UP, and takeError() says why, once', () => {
  const listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address;
  listener.close();
  using manager = createEventManager();
  using stream = TcpStream.connect({ host: '127.0.0.1', port });
  let seen = 0;
  manager.add(stream, EventSet.OUT, (events) => {
    seen = events;
  });
  manager.wait();
  expect(EventSet.format(seen)).toBe('OUT|ERROR|HANG_UP');
  expect(stream.takeError()).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  expect(stream.takeError()).toBeUndefined();
});

test('accept() without a caller is undefined', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  expect(listener.accept()).toBeUndefined();
});

test('a port in use is EADDRINUSE, and no fd is left over', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address;
  const next = nextFd();
  expect(raises(() => TcpListener.listen({ host: '127.0.0.1', port }))).toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'bind',
    message: 'EADDRINUSE: address already in use, bind',
  });
  expect(nextFd()).toBe(next);
});

test.each<[string, object, string]>([
  ['a name for a host', { host: 'localhost', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['a zone', { host: 'fe80::1%lo', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['an address with something behind it', { host: '127.0.0.1\0x', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['no host', { port: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['a port of 65536', { host: '::1', port: 65_536 }, 'ERR_OUT_OF_RANGE'],
  ['a negative port', { host: '::1', port: -1 }, 'ERR_OUT_OF_RANGE'],
  ['a port as text', { host: '::1', port: '80' }, 'ERR_INVALID_ARG_TYPE'],
])('%s is refused', (_, options, code) => {
  expect(raises(() => TcpListener.listen(options as never)).code).toBe(code);
  expect(raises(() => TcpStream.connect(options as never)).code).toBe(code);
});

/** The number that the next open file gets. */
function nextFd(): number {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  return listener.fd;
}

/** Tries until it does not block, waiting for `events` in between. */
function waitFor<R>(source: { fd: number }, events: number, attempt: () => R | undefined): R {
  using manager = createEventManager<unknown>();
  manager.add(source, events, () => undefined);
  for (;;) {
    const result = attempt();
    if (result !== undefined) {
      return result;
    }
    manager.wait();
  }
}
