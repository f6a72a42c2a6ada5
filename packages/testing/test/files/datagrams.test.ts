import { EventSet } from '@em/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakePoller } from '../../src/index.js';
import { EVERY_EDGE, EVERYTHING, report } from '../report.js';

let poller: FakePoller;

beforeEach(() => {
  poller = new FakePoller();
});

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const code = (value: string) => expect.objectContaining({ code: value });
const EMPTY = new Uint8Array(0);

interface Receives {
  receive(buffer: Uint8Array): number | undefined;
}

function receive(socket: Receives): string | undefined {
  const buffer = Buffer.alloc(99);
  const count = socket.receive(buffer);
  return count === undefined ? undefined : buffer.toString('utf8', 0, count);
}

describe('a unix datagram socket', () => {
  test('keeps messages apart, empty ones too, and cuts those that are too long', () => {
    const [a, b] = poller.datagramPair();
    poller.add(b.fd, EVERYTHING, 1);
    expect(report(poller)).toEqual(['4 OUT']);
    a.send(EMPTY);
    a.send(bytes('two'));
    a.send(bytes('three'));
    expect(report(poller)).toEqual(['4 IN|OUT']);
    expect([receive(b), receive(b)]).toEqual(['', 'two']);
    const short = Buffer.alloc(3);
    expect(b.receiveFrom(short, 0, undefined, 2)).toEqual({ length: 3, truncated: true, from: undefined });
    expect(b.receiveFrom(EMPTY)).toEqual({ length: 0, truncated: true, from: undefined });
    expect(b.receiveFrom(short)).toBeUndefined();
    expect(() => b.receive(EMPTY)).toThrow(code('ERR_OUT_OF_RANGE'));
    expect(report(poller)).toEqual(['4 OUT']);
  });

  test('has the name of its sender in each message', () => {
    const server = poller.unixDatagram({ path: '/run/server' });
    const client = poller.unixDatagram({ path: '\0client' });
    expect(client.sendTo('/run/server', bytes('hello'))).toBe(5);
    const message = server.receiveFrom(Buffer.alloc(9));
    expect(message).toEqual({ length: 5, truncated: false, from: '\0client' });
    server.sendTo(message?.from ?? '', bytes('answer'));
    expect(receive(client)).toBe('answer');
    expect([server.localAddress, client.localAddress]).toEqual(['/run/server', '\0client']);
    expect(() => client.remoteAddress).toThrow(code('ENOTCONN'));
    expect(() => client.send(EMPTY)).toThrow(code('ENOTCONN'));
    client.close();
    expect(() => server.sendTo('\0client', EMPTY)).toThrow(code('ECONNREFUSED'));
    expect(() => server.sendTo('/run/client', EMPTY)).toThrow(code('ENOENT'));
    server.close();
    expect(() => poller.connectUnixDatagram({ path: '/run/server' })).toThrow(code('ECONNREFUSED'));
  });

  test('would block when its receiver holds 11 messages, and reports room only if it is connected', () => {
    const server = poller.unixDatagram({ path: '/run/server' });
    const connected = poller.connectUnixDatagram({ path: '/run/server' });
    const other = poller.unixDatagram({ path: '/run/other' });
    poller.add(connected.fd, EVERY_EDGE, 1);
    poller.add(other.fd, EVERY_EDGE, 2);
    report(poller);
    for (let i = 0; i < 11; i++) {
      expect(connected.send(bytes('x'))).toBe(1);
    }
    expect(connected.send(bytes('x'))).toBeUndefined();
    expect(report(poller)).toEqual([]);
    // Its memory is taken and freed, which is an edge; the connected socket is not OUT.
    expect(other.sendTo('/run/server', bytes('x'))).toBeUndefined();
    expect(connected.send(bytes('x'))).toBeUndefined();
    expect(report(poller)).toEqual([`${other.fd} OUT`]);
    expect(connected.remoteAddress).toBe('/run/server');
    receive(server);
    expect(report(poller)).toEqual([`${connected.fd} OUT`]);
    expect(other.sendTo('/run/server', bytes('x'))).toBe(1);
  });

  test('that is connected is woken by room that the messages of another socket took', () => {
    const server = poller.unixDatagram({ path: '/run/server' });
    const [talker, waiter] = [1, 2].map(() => poller.connectUnixDatagram({ path: '/run/server' }));
    while (talker?.send(EMPTY) !== undefined) {
      // Until it would block.
    }
    poller.add(waiter?.fd ?? 0, EVERY_EDGE, 1);
    expect(report(poller)).toEqual([]);
    receive(server);
    expect(report(poller)).toEqual(['5 OUT']);
  });

  test('of a pair has room until its send buffer is full', () => {
    const [a, b] = poller.datagramPair();
    poller.add(a.fd, EventSet.OUT, 1);
    let count = 0;
    while (a.send(new Uint8Array(1000)) !== undefined) {
      count++;
    }
    expect(count).toBeGreaterThan(100);
    expect(report(poller)).toEqual([]);
    for (; receive(b) !== undefined; count--) {
      // Until all are taken.
    }
    expect([count, report(poller)]).toEqual([0, ['3 OUT']]);
    expect(() => a.send(new Uint8Array(212_961))).toThrow(code('EMSGSIZE'));
    expect(a.send(new Uint8Array(212_960))).toBe(212_960);
  });

  test('reports nothing when its peer closes, and fails when it sends', () => {
    const [a, b] = poller.datagramPair();
    poller.add(a.fd, EVERYTHING, 1);
    b.send(bytes('last'));
    b.close();
    expect(report(poller)).toEqual(['3 IN|OUT']);
    expect(() => a.send(EMPTY)).toThrow(code('ECONNREFUSED'));
    expect(() => a.send(EMPTY)).toThrow(code('ENOTCONN'));
    expect(receive(a)).toBeUndefined();
  });

  test('of a pair can also send to a name', () => {
    const bound = poller.unixDatagram({ path: '/run/bound' });
    const [a] = poller.datagramPair();
    expect([bound.sendTo('/run/bound', EMPTY), a.sendTo('/run/bound', bytes('x'))]).toEqual([0, 1]);
    expect([receive(bound), receive(bound)]).toEqual(['', 'x']);
  });

  test('passes fds', () => {
    const [a, b] = poller.datagramPair();
    const eventFd = poller.eventfd(1);
    a.sendFds([eventFd], bytes('take'));
    eventFd.close();
    b.setCredentials(true);
    expect(b.receiveFds(Buffer.alloc(9))).toEqual({
      length: 4,
      truncated: false,
      from: undefined,
      fds: [5],
      fdsTruncated: false,
      credentials: { pid: 1000, uid: 1000, gid: 1000 },
    });
    poller.add(5, EventSet.IN, 1);
    expect(report(poller)).toEqual(['5 IN']);
    const { reader, writer } = poller.pipe();
    a.sendFds([writer], bytes('lost'));
    writer.close();
    b.close();
    expect(reader.read(new Uint8Array(1))).toBe(0);
  });
});

describe('a UDP socket', () => {
  const at = (port: number, address = '127.0.0.1') => ({ address, port });

  test('has the address of its sender in each datagram', () => {
    const server = poller.udp({ host: '0.0.0.0', port: 53 });
    const client = poller.udp();
    expect(client.sendTo(at(53), bytes('query'))).toBe(5);
    expect(server.receiveFrom(Buffer.alloc(3))).toEqual({ length: 3, truncated: true, from: client.localAddress });
    server.setPacketInfo(true);
    client.sendTo(at(53, '127.0.0.9'), EMPTY);
    const datagram = server.receiveFrom(EMPTY);
    expect(datagram).toEqual({ length: 0, truncated: false, from: { ...client.localAddress, local: '127.0.0.9' } });
    server.sendTo(datagram?.from ?? at(0), bytes('answer'));
    expect(client.receiveFrom(Buffer.alloc(9))?.from).toEqual({ address: '127.0.0.9', family: 'IPv4', port: 53 });
  });

  test('has no local address in a datagram to a group or the broadcast address', () => {
    const server = poller.udp({ host: '0.0.0.0', port: 53 });
    const client = poller.udp();
    server.setPacketInfo(true);
    server.joinMulticast('239.1.2.3');
    client.setBroadcast(true);
    for (const address of ['239.1.2.3', '255.255.255.255']) {
      client.sendTo(at(53, address), EMPTY);
      expect(server.receiveFrom(EMPTY)?.from).toEqual(client.localAddress);
    }
  });

  test('is OUT, and IN while there is a datagram; each send is an edge for OUT', () => {
    const [a, b] = [poller.udp(), poller.udp()];
    poller.add(a.fd, EVERY_EDGE, 1);
    poller.add(b.fd, EVERY_EDGE, 2);
    expect(report(poller)).toEqual(['3 OUT', '4 OUT']);
    a.sendTo(b.localAddress, EMPTY);
    expect(report(poller)).toEqual(['4 IN|OUT', '3 OUT']);
  });

  test('that is connected receives only from its peer, and reports that nothing listens there', () => {
    const peer = poller.udp();
    const socket = poller.connectUdp({ host: '127.0.0.1', port: peer.localAddress.port });
    poller.udp().sendTo(socket.localAddress, bytes('stranger'));
    peer.sendTo(socket.localAddress, bytes('friend'));
    expect([receive(socket), receive(socket)]).toEqual(['friend', undefined]);
    expect(socket.remoteAddress).toEqual(peer.localAddress);
    peer.close();
    poller.add(socket.fd, EVERYTHING, 1);
    expect(socket.send(EMPTY)).toBe(0);
    expect(report(poller)).toEqual(['4 OUT|ERROR']);
    expect(() => receive(socket)).toThrow(code('ECONNREFUSED'));
    expect(receive(socket)).toBeUndefined();
    expect(report(poller)).toEqual(['4 OUT']);
  });

  test('drops what its receive buffer has no room for, and what no socket is bound to', () => {
    const [a, b] = [poller.udp(), poller.udp()];
    for (let i = 0; i < 1000; i++) {
      expect(a.sendTo(b.localAddress, new Uint8Array(1000))).toBe(1000);
    }
    let count = 0;
    while (receive(b) !== undefined) {
      count++;
    }
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThan(250);
    a.sendTo(b.localAddress, bytes('again'));
    expect(receive(b)).toBe('again');
    expect(a.sendTo(at(9), EMPTY)).toBe(0);
    expect(a.receiveError(Buffer.alloc(1))).toBeUndefined();
  });

  test('shares a port by sender, if all agree', () => {
    const shared = { host: '127.0.0.1', port: 53, reusePort: true };
    const servers = [poller.udp(shared), poller.udp(shared)];
    expect(() => poller.udp({ host: '127.0.0.1', port: 53 })).toThrow(code('EADDRINUSE'));
    const clients = [poller.udp(), poller.udp()];
    for (const client of [...clients, ...clients]) {
      client.sendTo(at(53), EMPTY);
    }
    for (const server of servers) {
      expect([receive(server), receive(server), receive(server)]).toEqual(['', '', undefined]);
    }
  });

  test('receives what is sent to its groups', () => {
    const member = poller.udp({ host: '0.0.0.0', port: 5353, reuseAddress: true });
    const other = poller.udp({ host: '0.0.0.0', port: 5353, reuseAddress: true });
    member.joinMulticast('224.0.0.251');
    const sender = poller.udp();
    sender.sendTo(at(5353, '224.0.0.251'), bytes('all'));
    expect([receive(member), receive(other)]).toEqual(['all', undefined]);
    expect(() => member.joinMulticast('224.0.0.251')).toThrow(code('EADDRINUSE'));
    expect(() => member.joinMulticast('127.0.0.1')).toThrow(code('EINVAL'));
    member.leaveMulticast('224.0.0.251');
    expect(() => member.leaveMulticast('224.0.0.251')).toThrow(code('EADDRNOTAVAIL'));
    sender.sendTo(at(5353, '224.0.0.251'), bytes('gone'));
    expect(receive(member)).toBeUndefined();
  });

  test('refuses what a real one refuses', () => {
    const socket = poller.udp();
    const wrong: [() => unknown, string][] = [
      [() => socket.send(EMPTY), 'EDESTADDRREQ'],
      [() => socket.remoteAddress, 'ENOTCONN'],
      [() => socket.sendTo(at(0), EMPTY), 'EINVAL'],
      [() => socket.sendTo(at(1), new Uint8Array(65_508)), 'EMSGSIZE'],
      [() => socket.sendTo(at(1, '255.255.255.255'), EMPTY), 'EACCES'],
      [() => socket.sendTo(at(1, '::1'), EMPTY), 'EAFNOSUPPORT'],
      [() => socket.sendTo({ ...at(1), local: '::1' }, EMPTY), 'ERR_OUT_OF_RANGE'],
      [() => socket.sendTo(at(1, 'example.org'), EMPTY), 'ERR_OUT_OF_RANGE'],
      [() => socket.sendTo(5 as never, EMPTY), 'ERR_INVALID_ARG_TYPE'],
    ];
    for (const [call, expected] of wrong) {
      expect(call).toThrow(code(expected));
    }
    socket.setBroadcast(true);
    expect(socket.sendTo(at(1, '255.255.255.255'), EMPTY)).toBe(0);
  });
});
