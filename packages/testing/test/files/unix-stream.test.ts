import { EventSet } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller, type FakeUnixStream } from '../../src/index.js';
import { EVERY_EDGE, EVERYTHING, report } from '../report.js';

let poller: FakePoller;
let a: FakeUnixStream;
let b: FakeUnixStream;

beforeEach(() => {
  poller = new FakePoller();
  [a, b] = poller.socketpair();
});

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const code = (value: string) => expect.objectContaining({ code: value });

function read(socket: FakeUnixStream, flags?: number): string | undefined {
  const buffer = Buffer.alloc(99);
  const count = socket.read(buffer, 0, undefined, flags);
  return count === undefined ? undefined : buffer.toString('utf8', 0, count);
}

describe('a unix stream', () => {
  test('shows bytes to MSG_PEEK, and keeps them', () => {
    a.write(bytes('one'));
    a.write(bytes('two'));
    expect([read(b, 2), read(b, 2), read(b), read(b, 2)]).toEqual(['onetwo', 'onetwo', 'onetwo', undefined]);
    expect(() => read(b, 1)).toThrow(code('EINVAL'));
  });

  test('counts what the peer has not read', () => {
    a.write(bytes('12345'));
    a.write(bytes('678'));
    expect([a.undeliveredBytes(), b.undeliveredBytes()]).toEqual([8, 0]);
    b.read(new Uint8Array(5));
    expect(a.undeliveredBytes()).toBe(3);
  });

  test('passes fds: the peer gets numbers of its own for the same files, which stay open', () => {
    const eventFd = poller.eventfd(7);
    a.write(bytes('before'));
    expect(a.sendFds([eventFd, eventFd.fd], bytes('with'))).toBe(4);
    a.write(bytes('after'));
    eventFd.close();
    const buffer = Buffer.alloc(99);
    const message = b.receiveFds(buffer);
    expect(message).toEqual({ length: 10, truncated: false, fds: [5, 6], fdsTruncated: false });
    expect(buffer.toString('utf8', 0, 10)).toBe('beforewith');
    poller.add(6, EventSet.IN, 1);
    expect(report(poller)).toEqual(['6 IN']);
    expect(b.receiveFds(buffer, 1)).toMatchObject({ length: 5, fds: [] });
    expect(b.receiveFds(buffer)).toBeUndefined();
  });

  test('drops fds that there is no room for, and those that are read without receiveFds', () => {
    const { reader, writer } = poller.pipe();
    poller.add(reader.fd, EventSet.IN, 1);
    a.sendFds([writer], bytes('x'));
    a.sendFds([writer], bytes('y'));
    writer.close();
    expect(report(poller)).toEqual([]);
    expect(b.receiveFds(new Uint8Array(1), 0)).toMatchObject({ fds: [], fdsTruncated: true });
    expect(read(b)).toBe('y');
    expect(report(poller)).toEqual(['5 HANG_UP']);
    expect(() => a.sendFds([99], bytes('x'))).toThrow(code('EBADF'));
    expect(() => a.sendFds([], bytes('x'))).toThrow(code('ERR_OUT_OF_RANGE'));
    expect(() => a.sendFds([reader], new Uint8Array(0))).toThrow(code('ERR_OUT_OF_RANGE'));
  });

  test('reports credentials only after setCredentials', () => {
    a.write(bytes('x'));
    a.write(bytes('y'));
    expect(b.receiveFds(new Uint8Array(1))).not.toHaveProperty('credentials');
    b.setCredentials(true);
    expect(b.receiveFds(new Uint8Array(1))?.credentials).toEqual(a.peerCredentials);
  });

  test('has an error that a test makes, until it is taken', () => {
    poller.add(a.fd, EVERYTHING, 1);
    a.fail('ECONNRESET');
    expect(report(poller)).toEqual(['3 OUT|ERROR']);
    expect(a.takeError()).toMatchObject({ code: 'ECONNRESET', syscall: 'getsockopt', fd: 3 });
    expect(a.takeError()).toBeUndefined();
    a.fail('ECONNRESET');
    expect(() => read(a)).toThrow(code('ECONNRESET'));
    expect(report(poller)).toEqual(['3 OUT']);
  });

  test('keeps options, and sizes of buffers have their effect', () => {
    expect(() => a.getOption(1, 2)).toThrow(code('ENOPROTOOPT'));
    a.setOption(1, 2, 5);
    a.setOption(1, 3, Uint8Array.of(1, 2, 3));
    const into = new Uint8Array(2);
    expect([a.getOption(1, 2), a.getOptionBytes(1, 3, into), into]).toEqual([5, 2, Uint8Array.of(1, 2)]);
    expect(a.getSendBufferBytes()).toBe(212_992);
    a.setSendBufferBytes(1);
    b.setReceiveBufferBytes(1_000_000);
    expect([a.getSendBufferBytes(), b.getReceiveBufferBytes()]).toEqual([4608, 425_984]);
    a.write(new Uint8Array(4608));
    expect(a.write(new Uint8Array(1))).toBeUndefined();
  });

  test('ends writing with shutdownWrite()', () => {
    a.shutdownWrite();
    expect(read(b)).toBe('');
    expect(() => a.write(bytes('x'))).toThrow(code('EPIPE'));
    b.write(bytes('back'));
    expect(read(a)).toBe('back');
  });
});

describe('a unix listener', () => {
  test('is IN while a connection waits, and accepts it', () => {
    const listener = poller.unixListener({ path: '/run/x' });
    poller.add(listener.fd, EVERY_EDGE, 1);
    expect(report(poller)).toEqual([]);
    const client = poller.connectUnix({ path: '/run/x' });
    client?.write(bytes('early'));
    expect(report(poller)).toEqual(['5 IN']);
    const server = listener.accept();
    expect(listener.accept()).toBeUndefined();
    expect(server && read(server)).toBe('early');
    server?.write(bytes('hello'));
    expect(client && read(client)).toBe('hello');
    expect([listener.address, server?.localAddress, server?.remoteAddress]).toEqual(['/run/x', '/run/x', undefined]);
    expect([client?.localAddress, client?.remoteAddress]).toEqual([undefined, '/run/x']);
    server?.close();
    expect(() => client?.remoteAddress).toThrow(code('ENOTCONN'));
  });

  test('lets one connection more wait than its backlog, and another when there is room', () => {
    const listener = poller.unixListener({ path: '/run/x', backlog: 1 });
    const connect = () => poller.connectUnix({ path: '/run/x' });
    expect([connect(), connect(), connect()].map((stream) => stream !== undefined)).toEqual([true, true, false]);
    listener.accept();
    expect(connect()).toBeDefined();
  });

  test('that closes gives an error to the clients that it has not accepted', () => {
    const listener = poller.unixListener({ path: '/run/x' });
    const client = poller.connectUnix({ path: '/run/x' });
    poller.add(client?.fd ?? 0, EVERYTHING, 1);
    listener.close();
    expect(report(poller)).toEqual(['6 IN|OUT|ERROR|HANG_UP|READ_HANG_UP']);
    expect(() => client && read(client)).toThrow(code('ECONNRESET'));
    expect(client && read(client)).toBe('');
  });

  test('leaves its path taken until unlink(), and frees an abstract name', () => {
    expect(() => poller.connectUnix({ path: '/run/x' })).toThrow(code('ENOENT'));
    poller.unixListener({ path: '/run/x' }).close();
    expect(() => poller.connectUnix({ path: '/run/x' })).toThrow(code('ECONNREFUSED'));
    expect(() => poller.unixListener({ path: '/run/x' })).toThrow(code('EADDRINUSE'));
    expect([poller.unlink('/run/x'), poller.unlink('/run/x')]).toEqual([true, false]);
    poller.unixListener({ path: '/run/x' });
    poller.unixListener({ path: '\0x' }).close();
    expect(() => poller.connectUnix({ path: '\0x' })).toThrow(code('ECONNREFUSED'));
    expect(poller.unixListener({ path: Buffer.from('\0x') }).address).toBe('\0x');
    expect(() => poller.unixListener({ path: '' })).toThrow(code('ERR_OUT_OF_RANGE'));
    expect(() => poller.unixListener({ path: 'x'.repeat(108) })).toThrow(code('ERR_OUT_OF_RANGE'));
    poller.unixDatagram({ path: '/run/d' });
    expect(() => poller.connectUnix({ path: '/run/d' })).toThrow(code('EPROTOTYPE'));
    expect(() => poller.connectUnixDatagram({ path: '/run/x' })).toThrow(code('EPROTOTYPE'));
  });

  test('that was unlinked and replaced frees its own name only', () => {
    const first = poller.unixListener({ path: '/run/x' });
    poller.unlink('/run/x');
    poller.unixListener({ path: '/run/x' });
    first.close();
    expect(poller.connectUnix({ path: '/run/x' })).toBeDefined();
  });

  test('does not accept while too many files are open, and keeps the connection', () => {
    const listener = poller.unixListener({ path: '/run/x' });
    const client = poller.connectUnix({ path: '/run/x' });
    poller.add(listener.fd, EventSet.IN, 1);
    poller.limitOpenFiles(7);
    expect(() => listener.accept()).toThrow(code('EMFILE'));
    expect(() => poller.eventfd()).toThrow(code('EMFILE'));
    expect(() => listener.dup()).toThrow(code('EMFILE'));
    expect(report(poller)).toEqual(['5 IN']);
    client?.close();
    expect(listener.accept()?.fd).toBe(6);
  });

  test('is one for its duplicates', () => {
    const listener = poller.unixListener({ path: '/run/x' });
    const dup = listener.dup();
    listener.close();
    poller.connectUnix({ path: '/run/x' });
    expect(dup.accept()).toBeDefined();
  });
});
