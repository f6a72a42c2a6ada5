import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EventSet, UdpBatch, UdpSocket } from '../../../src/index.js';
import { expectNoFilesLeftOpen } from '../../support/open-files.js';
import { raises } from '../../support/raises.js';
import { waitFor } from '../../support/wait-for.js';

expectNoFilesLeftOpen();

const LOCAL = { host: '127.0.0.1', port: 0 };

function connectTo(server: UdpSocket, host: string = LOCAL.host): UdpSocket {
  return UdpSocket.connect({ host, port: server.localAddress.port });
}

function textsOf(batch: UdpBatch, count: number): string[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(batch.bytesAt(index)).toString());
}

function putAll(batch: UdpBatch, texts: readonly string[]): void {
  for (const [index, text] of texts.entries()) {
    batch.put(index, Buffer.from(text));
  }
}

/** Bytes that differ from those of other datagrams, and of other sizes. */
function numbered(number: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => (number * 7 + length + at) % 251));
}

describe.each(['127.0.0.1', '::1'])('over %s', (host) => {
  test('a batch transfers the same bytes as single calls, in mixed sizes', () => {
    using server = UdpSocket.bind({ host, port: 0 });
    using client = connectTo(server, host);
    server.setReceiveBufferBytes(1 << 20);
    const datagrams = [0, 1, 63, 64, 65, 1_200, 1_500, 9_000, 0, 20_000, 2].map((length, i) => numbered(i, length));
    const batch = new UdpBatch({ capacity: 16 });
    for (const [index, datagram] of datagrams.entries()) {
      batch.put(index, datagram);
    }
    expect(client.sendMany(batch, datagrams.length)).toBe(datagrams.length);
    const into = Buffer.alloc(65_536);
    for (const datagram of datagrams) {
      const { length, from } = waitFor(server, EventSet.IN, () => server.receiveFrom(into));
      expect(into.subarray(0, length).equals(datagram)).toBe(true);
      expect(from).toEqual(client.localAddress);
      client.send(datagram);
    }
    const received = new UdpBatch();
    expect(server.receiveMany(received)).toBe(datagrams.length);
    for (const [index, datagram] of datagrams.entries()) {
      expect(received.lengthAt(index)).toBe(datagram.length);
      expect(Buffer.from(received.bytesAt(index)).equals(datagram)).toBe(true);
      expect(received.truncatedAt(index)).toBe(false);
      expect(received.peerAt(index)).toEqual(client.localAddress);
      expect(received.portAt(index)).toBe(client.localAddress.port);
    }
  });

  test('what was received can be sent as it is: each entry goes to its sender', () => {
    using server = UdpSocket.bind({ host, port: 0 });
    const clients = Array.from({ length: 5 }, () => connectTo(server, host));
    for (const client of [...clients, ...clients]) {
      client.send(Buffer.from(`${client.localAddress.port}`));
    }
    const batch = new UdpBatch();
    expect(server.receiveMany(batch)).toBe(10);
    expect(server.sendMany(batch, 10)).toBe(10);
    for (const client of clients) {
      expect(client.receiveMany(batch)).toBe(2);
      expect(textsOf(batch, 2)).toEqual(Array(2).fill(`${client.localAddress.port}`));
      expect(batch.peerAt(0)).toEqual(server.localAddress);
      client.close();
    }
  });

  test('put() addresses a datagram to any peer', () => {
    using server = UdpSocket.bind({ host, port: 0 });
    using one = UdpSocket.bind({ host, port: 0 });
    using other = UdpSocket.bind({ host, port: 0 });
    const batch = new UdpBatch({ capacity: 2 });
    batch.put(0, Buffer.from('one'), one.localAddress);
    batch.put(1, Buffer.from('other'), { ...other.localAddress, local: host });
    expect(server.sendMany(batch, 2)).toBe(2);
    expect([one.receiveMany(batch), textsOf(batch, 1)]).toEqual([1, ['one']]);
    expect([other.receiveMany(batch), textsOf(batch, 1)]).toEqual([1, ['other']]);
  });
});

test.each([
  ['0.0.0.0', '127.0.0.2'],
  ['::', '::1'],
  ['::', '127.0.0.2'],
])('a socket at %s with packet info answers from %s, the address that was asked', (host, asked) => {
  using server = UdpSocket.bind({ host, port: 0 });
  server.setPacketInfo(true);
  const clients = ['127.0.0.1', asked].map((address) => connectTo(server, address));
  for (const client of clients) {
    client.send(Buffer.from(client.remoteAddress.address));
  }
  const batch = new UdpBatch();
  expect(server.receiveMany(batch)).toBe(2);
  expect(batch.peerAt(1)).toMatchObject({ local: asked, port: clients[1]?.localAddress.port });
  expect(server.sendMany(batch, 2)).toBe(2);
  for (const client of clients) {
    // A connected socket receives only from its peer.
    expect(client.receiveMany(batch)).toBe(1);
    expect(textsOf(batch, 1)).toEqual([client.remoteAddress.address]);
    client.close();
  }
});

test('a batch forgets the local address of the datagram before', () => {
  using server = UdpSocket.bind({ host: '0.0.0.0', port: 0 });
  using client = connectTo(server);
  const batch = new UdpBatch();
  server.setPacketInfo(true);
  client.send(Buffer.from('x'));
  server.receiveMany(batch);
  expect(batch.peerAt(0).local).toBe('127.0.0.1');
  server.setPacketInfo(false);
  client.send(Buffer.from('x'));
  server.receiveMany(batch);
  expect(batch.peerAt(0)).toEqual(client.localAddress);
});

test('copyAddressAt() copies the address of the peer', () => {
  using server = UdpSocket.bind({ host: '::', port: 0 });
  using client = connectTo(server, '127.0.0.1');
  client.send(Buffer.from('x'));
  const batch = new UdpBatch();
  server.receiveMany(batch);
  const into = new Uint8Array(17).fill(9);
  expect(batch.copyAddressAt(0, into)).toBe(16);
  expect([...into]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1, 9]);
  batch.put(0, into, { address: '192.0.2.7', port: 5 });
  expect(batch.copyAddressAt(0, into)).toBe(4);
  expect([...into.subarray(0, 5)]).toEqual([192, 0, 2, 7, 0]);
  batch.put(0, into);
  expect([batch.copyAddressAt(0, into), batch.portAt(0)]).toEqual([0, 0]);
  expect(raises(() => batch.peerAt(0)).code).toBe('EAFNOSUPPORT');
});

test('a datagram that is longer than the room is cut, and does not reach the next one', () => {
  using server = UdpSocket.bind(LOCAL);
  using client = connectTo(server);
  for (const text of ['123456789', '12345678', '1', '123456789']) {
    client.send(Buffer.from(text));
  }
  const batch = new UdpBatch({ capacity: 4, bytesPerDatagram: 8 });
  batch.bytes.fill(0x2e);
  expect(server.receiveMany(batch)).toBe(4);
  expect(textsOf(batch, 4)).toEqual(['12345678', '12345678', '1', '12345678']);
  expect([0, 1, 2, 3].map((index) => batch.truncatedAt(index))).toEqual([true, false, false, true]);
  for (const index of [0, 1, 2, 3]) {
    const end = batch.offsetAt(index) + batch.lengthAt(index);
    const next = index === 3 ? batch.bytes.length : batch.offsetAt(index + 1);
    expect(Buffer.from(batch.bytes.subarray(end, next)).every((byte) => byte === 0x2e)).toBe(true);
  }
});

test('receiveMany() receives at most as many as asked for, and returns undefined if nothing is there', () => {
  using server = UdpSocket.bind(LOCAL);
  using client = connectTo(server);
  const batch = new UdpBatch({ capacity: 3 });
  expect(server.receiveMany(batch)).toBeUndefined();
  putAll(batch, ['a', 'b', 'c']);
  client.sendMany(batch, 3);
  client.sendMany(batch, 2, 1);
  expect([server.receiveMany(batch, 1), textsOf(batch, 1)]).toEqual([1, ['a']]);
  expect([server.receiveMany(batch), textsOf(batch, 3)]).toEqual([3, ['b', 'c', 'b']]);
  expect([server.receiveMany(batch), textsOf(batch, 1)]).toEqual([1, ['c']]);
  expect(server.receiveMany(batch)).toBeUndefined();
});

test('sendMany() stops at an entry that the kernel refuses, and the next call throws its error', () => {
  using server = UdpSocket.bind(LOCAL);
  using receiver = UdpSocket.bind(LOCAL);
  const batch = new UdpBatch({ capacity: 3 });
  batch.put(0, Buffer.from('first'), receiver.localAddress);
  batch.put(1, new Uint8Array(65_508), receiver.localAddress);
  batch.put(2, Buffer.from('last'), receiver.localAddress);
  expect(server.sendMany(batch, 3)).toBe(1);
  expect(raises(() => server.sendMany(batch, 2, 1))).toMatchObject({
    code: 'EMSGSIZE',
    syscall: 'sendmmsg',
    fd: server.fd,
  });
  expect(server.sendMany(batch, 1, 2)).toBe(1);
  expect([receiver.receiveMany(batch), textsOf(batch, 2)]).toEqual([2, ['first', 'last']]);
});

test('an error comes after the datagrams that were received before it', () => {
  const gone = UdpSocket.bind(LOCAL);
  using client = connectTo(gone);
  const answer = new UdpBatch({ capacity: 1 });
  answer.put(0, Buffer.from('answer'), client.localAddress);
  gone.sendMany(answer, 1);
  gone.close();
  client.send(Buffer.from('x'));
  const batch = new UdpBatch();
  expect(raises(() => client.receiveMany(batch))).toMatchObject({ code: 'ECONNREFUSED', syscall: 'recvmmsg' });
  expect([client.receiveMany(batch), textsOf(batch, 1)]).toEqual([1, ['answer']]);
});

test('setLengthAt() sends bytes that were written in place, and refuses more than the room', () => {
  using server = UdpSocket.bind(LOCAL);
  using client = connectTo(server);
  const batch = new UdpBatch({ capacity: 2, bytesPerDatagram: 100 });
  for (const index of [0, 1]) {
    batch.bytes.fill(0x61 + index, batch.offsetAt(index), batch.offsetAt(index) + 3);
    batch.setLengthAt(index, 2 + index);
  }
  client.sendMany(batch, 2);
  expect([server.receiveMany(batch), textsOf(batch, 2)]).toEqual([2, ['aa', 'bbb']]);
  batch.setLengthAt(1, 1);
  server.sendMany(batch, 2);
  expect([client.receiveMany(batch), textsOf(batch, 2)]).toEqual([2, ['aa', 'b']]);
  expect(raises(() => batch.setLengthAt(1, 101)).code).toBe('ERR_OUT_OF_RANGE');
});

test('a batch with room for one byte, and one with the maximum capacity, work', () => {
  using server = UdpSocket.bind(LOCAL);
  server.setReceiveBufferBytes(1 << 20);
  using client = connectTo(server);
  const batch = new UdpBatch({ capacity: 256, bytesPerDatagram: 1 });
  for (let index = 0; index < 256; index++) {
    batch.put(index, Uint8Array.of(index));
  }
  let sent = 0;
  while (sent < 256) {
    sent += client.sendMany(batch, 256 - sent, sent) ?? 0;
  }
  batch.bytes.fill(0);
  expect(server.receiveMany(batch)).toBe(256);
  expect(Array.from({ length: 256 }, (_, index) => batch.bytesAt(index)[0])).toEqual([...Array(256).keys()]);
});

test('a batch whose bytes were transferred is refused, and nothing is lost', () => {
  using server = UdpSocket.bind(LOCAL);
  using client = connectTo(server);
  client.send(Buffer.from('kept'));
  const batch = new UdpBatch();
  structuredClone(batch.bytes.buffer, { transfer: [batch.bytes.buffer as ArrayBuffer] });
  for (const call of [
    () => server.receiveMany(batch),
    () => client.sendMany(batch, 1),
    () => batch.put(0, Buffer.from('x')),
  ]) {
    expect(raises(call)).toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringContaining('transferred'),
    });
  }
  const other = new UdpBatch();
  expect([server.receiveMany(other), textsOf(other, 1)]).toEqual([1, ['kept']]);
});

test('receiving does not touch the bytes and peers of entries beyond the datagrams that were there', () => {
  using server = UdpSocket.bind(LOCAL);
  using client = connectTo(server);
  const batch = new UdpBatch({ capacity: 2 });
  batch.put(1, Buffer.from('mine'), { address: '192.0.2.1', port: 7 });
  client.send(Buffer.from('x'));
  expect(server.receiveMany(batch)).toBe(1);
  expect(Buffer.from(batch.bytesAt(1)).toString()).toBe('mine');
  expect(batch.peerAt(1)).toMatchObject({ address: '192.0.2.1', port: 7 });
});

/** Transfers datagrams in a young generation of 1 MB, which one object per datagram fills several times. */
function collectionsOver(datagrams: number, ...mode: string[]): number {
  const path = fileURLToPath(new URL('../../programs/batches.mjs', import.meta.url));
  const args = ['--max-semi-space-size=1', path, String(datagrams), ...mode];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('datagrams in batches make no objects', () => {
  expect(collectionsOver(200_000)).toBeLessThanOrEqual(5);
});

test('one object per datagram shows in the number of garbage collections', () => {
  expect(collectionsOver(200_000, 'allocate')).toBeGreaterThan(10);
});
