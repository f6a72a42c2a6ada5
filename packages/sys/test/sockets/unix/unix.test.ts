import { existsSync, rmSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  EventManager,
  EventSet,
  UnixDatagram,
  UnixListener,
  UnixSeqpacket,
  UnixSeqpacketListener,
  UnixStream,
} from '../../../src/index.js';
import { expectNoFilesLeftOpen } from '../../support/open-files.js';
import { raises } from '../../support/raises.js';
import { abstract, inFolder } from '../../support/unix-places.js';

expectNoFilesLeftOpen();
const places: [string, () => string][] = [
  ['at a path', inFolder],
  ['at an abstract name', abstract],
];

describe.each(places)('a stream %s', (_, place) => {
  test('carries bytes both ways, and would-block is a value', () => {
    const path = place();
    using listener = UnixListener.listen({ path });
    expect(listener.accept()).toBeUndefined();
    using client = there(UnixStream.connect({ path }));
    using server = there(listener.accept());
    const into = Buffer.alloc(8, '.');
    expect(server.read(into)).toBeUndefined();
    expect(client.write(Buffer.from('..ping'), 2)).toBe(4);
    expect(server.read(into, 1, 7)).toBe(4);
    expect(into.toString()).toBe('.ping...');
    expect(server.write(into, 1, 4)).toBe(4);
    expect(client.read(into)).toBe(4);
    client.shutdownWrite();
    expect(server.read(into)).toBe(0);
    expect(server.write(into)).toBe(8);
  });

  test('reports whether the other end has read everything', () => {
    const path = place();
    using listener = UnixListener.listen({ path });
    using client = there(UnixStream.connect({ path }));
    using server = there(listener.accept());
    expect(server.undeliveredBytes()).toBe(0);
    server.write(Buffer.from('ping'));
    const into = Buffer.alloc(8);
    for (let missing = 4; missing > 0; missing--) {
      expect(server.undeliveredBytes()).toBeGreaterThan(0);
      client.read(into, 0, 1);
    }
    expect(server.undeliveredBytes()).toBe(0);
    server.close();
    expect(() => server.undeliveredBytes()).toThrow(expect.objectContaining({ code: 'ERR_EM_CLOSED' }));
  });

  test('knows the name of the listener; the client has none', () => {
    const path = place();
    using listener = UnixListener.listen({ path });
    using client = there(UnixStream.connect({ path }));
    using server = there(listener.accept());
    expect([listener.address, server.localAddress, client.remoteAddress]).toEqual([path, path, path]);
    expect([client.localAddress, server.remoteAddress]).toEqual([undefined, undefined]);
  });

  test('has a listener that reports IN while a connection waits', () => {
    const path = place();
    using manager = new EventManager();
    using listener = UnixListener.listen({ path });
    const seen: string[] = [];
    manager.add(listener, EventSet.IN, (events) => {
      seen.push(EventSet.format(events));
      listener.accept()?.close();
    });
    manager.wait(0);
    UnixStream.connect({ path })?.close();
    manager.wait(0);
    manager.wait(0);
    expect(seen).toEqual(['IN']);
  });

  test('cannot have a second listener at its address', () => {
    const path = place();
    using _listener = UnixListener.listen({ path });
    expect(raises(() => UnixListener.listen({ path }))).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' });
  });

  test('would block to connect to when no more connections may wait', () => {
    const path = place();
    using listener = UnixListener.listen({ path, backlog: 0 });
    using _first = there(UnixStream.connect({ path }));
    expect(UnixStream.connect({ path })).toBeUndefined();
    there(listener.accept()).close();
    there(UnixStream.connect({ path })).close();
  });
});

test('the file of a closed listener stays, and the next listen() fails until the file is removed', () => {
  const path = inFolder();
  UnixListener.listen({ path }).close();
  expect(statSync(path).isSocket()).toBe(true);
  expect(raises(() => UnixStream.connect({ path })).code).toBe('ECONNREFUSED');
  expect(raises(() => UnixListener.listen({ path })).code).toBe('EADDRINUSE');
  rmSync(path);
  UnixListener.listen({ path }).close();
});

test('an abstract name leaves no file, and is free again', () => {
  const path = abstract();
  UnixListener.listen({ path }).close();
  expect(raises(() => UnixStream.connect({ path })).code).toBe('ECONNREFUSED');
  UnixListener.listen({ path }).close();
});

test('the longest names are kept whole', () => {
  const path = inFolder().padEnd(107, 'x');
  const name = abstract().padEnd(108, 'x');
  for (const longest of [path, name]) {
    using listener = UnixListener.listen({ path: longest });
    expect(listener.address).toBe(longest);
  }
  expect(existsSync(path)).toBe(true);
});

test('names that are not ASCII do not change, and an abstract name may contain NULs', () => {
  for (const path of [`${inFolder()}-straße`, `${abstract()}\0ß\0`]) {
    using listener = UnixListener.listen({ path });
    expect(listener.address).toBe(path);
  }
});

test.each<[string, unknown, string]>([
  ['no path', undefined, 'ERR_INVALID_ARG_TYPE'],
  ['a number', 7, 'ERR_INVALID_ARG_TYPE'],
  ['a path of bytes with a NUL at the end', Buffer.from('/x\0'), 'ERR_OUT_OF_RANGE'],
  ['an empty path', '', 'ERR_OUT_OF_RANGE'],
  ['a path of 108 bytes', '/'.padEnd(108, 'x'), 'ERR_OUT_OF_RANGE'],
  ['a path of 54 letters of two bytes', 'ß'.repeat(54), 'ERR_OUT_OF_RANGE'],
  ['an abstract name of 108 bytes', '\0'.padEnd(109, 'x'), 'ERR_OUT_OF_RANGE'],
  ['a path with a NUL in it', '/tmp/a\0b', 'ERR_OUT_OF_RANGE'],
  ['half a surrogate pair', '\0\ud800', 'ERR_OUT_OF_RANGE'],
])('%s is refused as the path of a unix socket', (_, path, code) => {
  const options = { path } as { path: string };
  for (const make of [
    () => UnixListener.listen(options),
    () => UnixStream.connect(options),
    () => UnixSeqpacketListener.listen(options),
    () => UnixSeqpacket.connect(options),
    () => UnixDatagram.bind(options),
    () => UnixDatagram.connect(options),
  ]) {
    expect(raises(make).code).toBe(code);
  }
});

test('a wrong backlog is refused', () => {
  expect(raises(() => UnixListener.listen({ path: abstract(), backlog: -1 })).code).toBe('ERR_OUT_OF_RANGE');
});

test('connecting to another type of socket throws EPROTOTYPE, to a path that does not exist ENOENT', () => {
  const path = abstract();
  using _listener = UnixListener.listen({ path });
  expect(raises(() => UnixSeqpacket.connect({ path })).code).toBe('ECONNREFUSED');
  const file = inFolder();
  expect(raises(() => UnixStream.connect({ path: file })).code).toBe('ENOENT');
  using _datagram = UnixDatagram.bind({ path: file });
  expect(raises(() => UnixStream.connect({ path: file })).code).toBe('EPROTOTYPE');
});

test('a pair of streams is connected', () => {
  const [one, other] = UnixStream.pair();
  expect(one.write(Buffer.from('hi'))).toBe(2);
  expect(other.read(Buffer.alloc(8))).toBe(2);
  one.close();
  expect(other.read(Buffer.alloc(8))).toBe(0);
  expect(raises(() => other.write(Buffer.alloc(1)))).toMatchObject({ code: 'EPIPE', syscall: 'send' });
  other.close();
});

test('the kernel doubles the buffer sizes that are set', () => {
  const [one, other] = UnixStream.pair();
  one.setSendBufferBytes(16_384);
  one.setReceiveBufferBytes(8_192);
  expect([one.getSendBufferBytes(), one.getReceiveBufferBytes()]).toEqual([32_768, 16_384]);
  for (const bytes of [-1, 0.5, 2 ** 31]) {
    expect(raises(() => one.setSendBufferBytes(bytes)).code).toBe('ERR_OUT_OF_RANGE');
    expect(raises(() => one.setReceiveBufferBytes(bytes)).code).toBe('ERR_OUT_OF_RANGE');
  }
  one.close();
  other.close();
  expect(raises(() => one.getSendBufferBytes()).code).toBe('ERR_EM_CLOSED');
});

describe.each(places)('seqpacket %s', (_, place) => {
  test('carries whole messages, and reports which were cut', () => {
    const path = place();
    using listener = UnixSeqpacketListener.listen({ path });
    expect(listener.accept()).toBeUndefined();
    using client = there(UnixSeqpacket.connect({ path }));
    using server = there(listener.accept());
    expect([listener.address, client.remoteAddress, client.localAddress]).toEqual([path, path, undefined]);
    const into = Buffer.alloc(4);
    expect(server.receiveFds(into)).toBeUndefined();
    expect(client.send(Buffer.from('one'))).toBe(3);
    expect(client.send(Buffer.from('second'))).toBe(6);
    expect(client.send(Buffer.from('-3-'), 1, 1)).toBe(1);
    const none = { fds: [], fdsTruncated: false };
    expect(server.receiveFds(into)).toEqual({ length: 3, truncated: false, ...none });
    expect(server.receiveFds(into)).toEqual({ length: 4, truncated: true, ...none });
    expect(into.toString()).toBe('seco');
    expect(server.receiveFds(into)).toEqual({ length: 1, truncated: false, ...none });
    client.close();
    expect(server.receiveFds(into)).toEqual({ length: 0, truncated: false, ...none });
    expect(raises(() => server.send(into)).code).toBe('EPIPE');
  });
});

function there<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error('it would block');
  }
  return value;
}

test('after shutdownWrite() of a seqpacket socket, the peer receives the rest and then the end, and can still send', () => {
  const [one, other] = UnixSeqpacket.pair();
  const into = Buffer.alloc(8);
  one.send(Buffer.from('last'));
  one.shutdownWrite();
  expect([other.receive(into), other.receive(into)]).toEqual([4, 0]);
  expect(raises(() => one.send(into)).code).toBe('EPIPE');
  other.send(Buffer.from('still'));
  expect(one.receive(into)).toBe(5);
  other.close();
  one.close();
});
