import { EventSet } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller, type FakeTcpListener, type FakeTcpStream } from '../../src/index.js';
import { EVERYTHING, report } from '../report.js';

let poller: FakePoller;
let listener: FakeTcpListener;

beforeEach(() => {
  poller = new FakePoller();
  listener = poller.tcpListener();
});

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const code = (value: string) => expect.objectContaining({ code: value });

function read(socket: FakeTcpStream): string | undefined {
  const buffer = Buffer.alloc(99);
  const count = socket.read(buffer);
  return count === undefined ? undefined : buffer.toString('utf8', 0, count);
}

function connect(): [client: FakeTcpStream, server: FakeTcpStream] {
  const client = poller.connectTcp({ host: '127.0.0.1', port: listener.address.port });
  return [client, listener.accept() as FakeTcpStream];
}

describe('a TCP connection', () => {
  test('is connected at once, and each end knows both addresses', () => {
    expect(listener.address).toEqual({ address: '127.0.0.1', family: 'IPv4', port: 32_768 });
    const [client, server] = connect();
    expect(client.remoteAddress).toEqual(listener.address);
    expect(server.localAddress).toEqual(listener.address);
    expect(server.remoteAddress).toEqual(client.localAddress);
    poller.add(client.fd, EVERYTHING, 1);
    expect(report(poller)).toEqual([`${client.fd} OUT`]);
    server.write(bytes('hello'));
    expect(report(poller)).toEqual([`${client.fd} IN|OUT`]);
    expect(read(client)).toBe('hello');
  });

  test('is refused where no socket listens', () => {
    const client = poller.connectTcp({ host: '127.0.0.1', port: 1 });
    poller.add(client.fd, EVERYTHING, 1);
    expect(report(poller)).toEqual(['4 IN|OUT|ERROR|HANG_UP|READ_HANG_UP']);
    expect(client.takeError()).toMatchObject({ code: 'ECONNREFUSED' });
    expect(report(poller)).toEqual(['4 IN|OUT|HANG_UP|READ_HANG_UP']);
    expect(() => client.remoteAddress).toThrow(code('ENOTCONN'));
    expect(() => client.shutdownWrite()).toThrow(code('ENOTCONN'));
  });

  test('goes on connecting while the listener has no room', () => {
    listener = poller.tcpListener({ host: '127.0.0.1', port: 0, backlog: 0 });
    const at = { host: '127.0.0.1', port: listener.address.port };
    poller.connectTcp(at);
    const second = poller.connectTcp(at);
    poller.add(second.fd, EVERYTHING, 1);
    expect(report(poller)).toEqual([]);
    expect([second.write(bytes('x')), read(second)]).toEqual([undefined, undefined]);
    listener.accept();
    expect(report(poller)).toEqual([`${second.fd} OUT`]);
    second.write(bytes('x'));
    const server = listener.accept();
    expect(server && read(server)).toBe('x');
  });

  test('shows the end of the peer as READ_HANG_UP, closed or only shut down', () => {
    for (const end of ['close', 'shutdownWrite'] as const) {
      const [client, server] = connect();
      poller.add(client.fd, EVERYTHING, 1);
      server.write(bytes('last'));
      server[end]();
      expect(report(poller)).toEqual([`${client.fd} IN|OUT|READ_HANG_UP`]);
      expect([read(client), read(client)]).toEqual(['last', '']);
      poller.delete(client.fd);
    }
  });

  test('hangs up when both ends have ended', () => {
    const [client, server] = connect();
    poller.add(client.fd, EVERYTHING, 1);
    client.shutdownWrite();
    expect(report(poller)).toEqual([`${client.fd} OUT`]);
    expect(() => client.write(bytes('x'))).toThrow(code('EPIPE'));
    server.shutdownWrite();
    expect(report(poller)).toEqual([`${client.fd} IN|OUT|HANG_UP|READ_HANG_UP`]);
  });

  test('is reset if the peer is closed with unread bytes', () => {
    const [client, server] = connect();
    poller.add(client.fd, EVERYTHING, 1);
    client.write(bytes('never read'));
    server.write(bytes('data'));
    server.close();
    expect(report(poller)).toEqual([`${client.fd} IN|OUT|ERROR|HANG_UP|READ_HANG_UP`]);
    expect(read(client)).toBe('data');
    expect(() => read(client)).toThrow(code('ECONNRESET'));
    expect(read(client)).toBe('');
    expect(() => client.write(bytes('x'))).toThrow(code('EPIPE'));
  });

  test('takes one write after the peer has closed, which answers with a reset', () => {
    const [client, server] = connect();
    server.close();
    expect(client.write(bytes('x'))).toBe(1);
    poller.add(client.fd, EVERYTHING, 1);
    expect(report(poller)).toEqual([`${client.fd} IN|OUT|ERROR|HANG_UP|READ_HANG_UP`]);
    expect(read(client)).toBe('');
    expect(() => client.write(bytes('x'))).toThrow(code('EPIPE'));
  });

  test('is reset by a test, or by a listener that closes without accepting it', () => {
    const [client] = connect();
    client.reset();
    expect(() => read(client)).toThrow(code('ECONNRESET'));
    const waiting = poller.connectTcp({ host: '127.0.0.1', port: listener.address.port });
    listener.close();
    expect(() => read(waiting)).toThrow(code('ECONNRESET'));
  });

  test('is no edge for OUT when the peer reads, as long as there was room', () => {
    const [client, server] = connect();
    poller.add(client.fd, EventSet.union(EventSet.OUT, EventSet.EDGE_TRIGGERED), 1);
    expect(report(poller)).toHaveLength(1);
    client.write(bytes('x'));
    read(server);
    expect(report(poller)).toEqual([]);
  });

  test('stops being OUT when its buffers are full, and is OUT again when a third of the send buffer is free', () => {
    const [client, server] = connect();
    poller.add(client.fd, EventSet.union(EventSet.OUT, EventSet.EDGE_TRIGGERED), 1);
    report(poller);
    let sent = 0;
    for (let count: number | undefined = 0; count !== undefined; count = client.write(new Uint8Array(50_000))) {
      sent += count;
    }
    expect(sent).toBeGreaterThanOrEqual(2 * 212_992);
    expect(client.undeliveredBytes()).toBeGreaterThan(0);
    expect(report(poller)).toEqual([]);
    let got = 0;
    while (report(poller).length === 0) {
      got += server.read(new Uint8Array(10_000)) ?? 0;
    }
    expect(got).toBeGreaterThan(212_992 / 3 - 10_000);
    expect(got).toBeLessThan(sent / 2);
  });
});

describe('a TCP listener', () => {
  test('has a port for itself, unless both share it', () => {
    const { port } = listener.address;
    expect(() => poller.tcpListener({ host: '127.0.0.1', port })).toThrow(code('EADDRINUSE'));
    expect(() => poller.tcpListener({ host: '0.0.0.0', port })).toThrow(code('EADDRINUSE'));
    expect(() => poller.tcpListener({ host: '::', port })).toThrow(code('EADDRINUSE'));
    poller.tcpListener({ host: '::', port, ipv6Only: true });
    poller.tcpListener({ host: '127.0.0.2', port });
    listener.close();
    const shared = { host: '127.0.0.1', port, reusePort: true };
    const listeners = [poller.tcpListener(shared), poller.tcpListener(shared)];
    for (let i = 0; i < 10; i++) {
      poller.connectTcp({ host: '127.0.0.1', port });
    }
    const accepted = listeners.map((one) => {
      let count = 0;
      while (one.accept()) {
        count++;
      }
      return count;
    });
    expect(accepted).toEqual([5, 5]);
  });

  test('refuses what a real one refuses', () => {
    for (const options of [
      { host: 'localhost', port: 0 },
      { host: '127.0.0.1', port: 65_536 },
    ]) {
      expect(() => poller.tcpListener(options)).toThrow(code('ERR_OUT_OF_RANGE'));
    }
    expect(() => poller.connectTcp({ host: '127.0.0.1', port: 0 })).toThrow(code('ERR_OUT_OF_RANGE'));
    expect(() => poller.tcpListener({ host: '127.0.0.1', port: 0, ttl: 1 } as never)).toThrow(
      code('ERR_INVALID_ARG_TYPE'),
    );
  });
});
