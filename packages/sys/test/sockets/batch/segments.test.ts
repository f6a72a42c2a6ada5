import { describe, expect, test, vi } from 'vitest';
import { type Binding, binding } from '../../../src/addon/binding.js';
import { UdpBatch, UdpSocket } from '../../../src/index.js';
import { memoryOf } from '../../../src/sockets/batch/datagram-batch.js';
import { SegmentSender } from '../../../src/sockets/batch/segments.js';
import { expectNoFilesLeftOpen } from '../../support/open-files.js';
import { raises } from '../../support/raises.js';

expectNoFilesLeftOpen();

const LOCAL = { host: '127.0.0.1', port: 0 };
/** The errors by which the kernel refuses to send datagrams together. */
const EIO = -5;
const EAGAIN = -11;
const EINVAL = -22;
const EMSGSIZE = -90;
const ENOPROTOOPT = -92;

/** 14 bytes as datagrams of 4: the last one has 2. */
const JOINED = Buffer.from('aaaabbbbccccdd');
const APART = ['aaaa', 'bbbb', 'cccc', 'dd'];

function pair(): { server: UdpSocket; client: UdpSocket } & Disposable {
  const server = UdpSocket.bind(LOCAL);
  const client = UdpSocket.connect({ host: LOCAL.host, port: server.localAddress.port });
  return {
    server,
    client,
    [Symbol.dispose]() {
      server.close();
      client.close();
    },
  };
}

/** Everything that has arrived: the datagrams of each entry, joined by commas. */
function arrived(socket: UdpSocket): string[] {
  const batch = new UdpBatch();
  const found: string[] = [];
  for (let count = socket.receiveMany(batch); count !== undefined; count = socket.receiveMany(batch)) {
    for (let index = 0; index < count; index++) {
      found.push(apart(batch, index).join());
    }
  }
  return found;
}

function apart(batch: UdpBatch, index: number): string[] {
  const text = Buffer.from(batch.bytesAt(index)).toString();
  const size = batch.segmentBytesAt(index) || Math.max(1, text.length);
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
}

/** The addon, with some calls replaced. */
function nativeWith(calls: Partial<Binding>): Binding {
  return Object.assign(Object.create(binding()), calls);
}

test('an entry with segmentBytes arrives as datagrams of this size, of which the last one is shorter', () => {
  using sockets = pair();
  const batch = new UdpBatch();
  batch.put(0, Buffer.from('before'));
  batch.put(1, JOINED, undefined, 4);
  batch.put(2, JOINED.subarray(0, 8), undefined, 4);
  batch.put(3, JOINED.subarray(0, 3), undefined, 4);
  batch.put(4, new Uint8Array(0), undefined, 4);
  expect(sockets.client.sendMany(batch, 5)).toBe(5);
  expect(arrived(sockets.server)).toEqual(['before', ...APART, 'aaaa', 'bbbb', 'aaa', '']);
});

test('a socket that coalesces receives datagrams together, and can send them back as they are', () => {
  using sockets = pair();
  const { server, client } = sockets;
  expect(server.setCoalescing(true)).toBe(true);
  const batch = new UdpBatch();
  batch.put(0, JOINED, undefined, 4);
  batch.put(1, Buffer.from('alone'));
  client.sendMany(batch, 2);
  const received = new UdpBatch();
  expect(server.receiveMany(received)).toBe(2);
  expect([apart(received, 0), apart(received, 1)]).toEqual([APART, ['alone']]);
  expect([received.segmentBytesAt(0), received.segmentBytesAt(1)]).toEqual([4, 0]);
  expect(server.sendMany(received, 2)).toBe(2);
  expect(arrived(client)).toEqual([...APART, 'alone']);
  expect(server.setCoalescing(false)).toBe(true);
  client.sendMany(batch, 1);
  expect(arrived(server)).toEqual(APART);
});

test('coalesced datagrams that are longer than the room are cut, which truncatedAt() reports', () => {
  using sockets = pair();
  sockets.server.setCoalescing(true);
  const batch = new UdpBatch();
  batch.put(0, JOINED, undefined, 4);
  sockets.client.sendMany(batch, 1);
  const small = new UdpBatch({ capacity: 1, bytesPerDatagram: 6 });
  expect(sockets.server.receiveMany(small)).toBe(1);
  expect([apart(small, 0), small.truncatedAt(0)]).toEqual([['aaaa', 'bb'], true]);
});

test('a socket with packet info receives datagrams together, and answers from the address that was asked', () => {
  using server = UdpSocket.bind({ host: '::', port: 0 });
  using client = UdpSocket.connect({ host: '127.0.0.2', port: server.localAddress.port });
  server.setPacketInfo(true);
  server.setCoalescing(true);
  const batch = new UdpBatch();
  batch.put(0, JOINED, undefined, 4);
  client.sendMany(batch, 1);
  expect(server.receiveMany(batch)).toBe(1);
  expect(batch.peerAt(0).local).toBe('127.0.0.2');
  expect(server.sendMany(batch, 1)).toBe(1);
  expect(arrived(client)).toEqual(APART);
});

test('more datagrams than the kernel sends together are sent nevertheless', () => {
  using sockets = pair();
  sockets.server.setReceiveBufferBytes(1 << 20);
  const batch = new UdpBatch({ capacity: 3 });
  // More than UDP_MAX_SEGMENTS of any kernel.
  const bytes = Buffer.alloc(200, 'x');
  batch.put(0, bytes, undefined, 1);
  batch.put(1, Buffer.from('after'));
  let sent = 0;
  while (sent < 2) {
    sent += sockets.client.sendMany(batch, 2 - sent, sent) ?? 0;
  }
  expect(arrived(sockets.server)).toEqual([...Array(200).fill('x'), 'after']);
});

test('more bytes than the kernel sends together are sent nevertheless', () => {
  using sockets = pair();
  sockets.server.setReceiveBufferBytes(1 << 20);
  const batch = new UdpBatch({ capacity: 1, bytesPerDatagram: 90_000 });
  batch.put(0, Buffer.alloc(90_000, 'x'), undefined, 30_000);
  expect(sockets.client.sendMany(batch, 1)).toBe(1);
  expect(arrived(sockets.server).map(({ length }) => length)).toEqual([30_000, 30_000, 30_000]);
});

describe('if datagrams cannot be sent together', () => {
  /** Sends all entries as an application does. Returns what the calls returned. */
  function sendAll(native: Binding, client: UdpSocket, batch: UdpBatch, count: number): number[] {
    const sender = new SegmentSender(native);
    const results: number[] = [];
    for (let sent = 0; sent < count; ) {
      const result = sender.send(client.fd, memoryOf(batch), sent, count - sent);
      results.push(result);
      if (result < 0) {
        break;
      }
      sent += result;
    }
    return results;
  }

  /** Refuses every call that would send datagrams together. */
  function refusing(error: number, batch: UdpBatch, calls: string[] = []): Binding {
    const { sendmmsg } = binding();
    const { entries } = memoryOf(batch);
    return nativeWith({
      sendmmsg: (fd, bytes, from, start, count) => {
        calls.push(`${from === entries ? '' : 'apart '}${start} ${count}`);
        for (let at = start; from === entries && at < start + count; at++) {
          if (batch.segmentBytesAt(at) > 0) {
            return at === start ? error : sendmmsg(fd, bytes, from, start, at - start);
          }
        }
        return sendmmsg(fd, bytes, from, start, count);
      },
    });
  }

  function mixed(): UdpBatch {
    const batch = new UdpBatch({ capacity: 5 });
    batch.put(0, Buffer.from('first'));
    batch.put(1, JOINED, undefined, 4);
    batch.put(2, Buffer.from('middle'));
    batch.put(3, JOINED, undefined, 4);
    batch.put(4, Buffer.from('last'));
    return batch;
  }

  const ALL = ['first', ...APART, 'middle', ...APART, 'last'];

  test('by the device, they arrive one by one, and the socket does not try again', () => {
    using sockets = pair();
    const batch = mixed();
    const calls: string[] = [];
    expect(sendAll(refusing(EIO, batch, calls), sockets.client, batch, 5)).toEqual([1, 4]);
    expect(arrived(sockets.server)).toEqual(ALL);
    expect(calls).toEqual(['0 5', '1 4', 'apart 0 4', '2 1', 'apart 0 4', '4 1']);
  });

  test.each([EINVAL, EMSGSIZE])('because of their number or size (%i), they arrive one by one', (error) => {
    using sockets = pair();
    const batch = mixed();
    expect(sendAll(refusing(error, batch), sockets.client, batch, 5)).toEqual([1, 1, 1, 1, 1]);
    expect(arrived(sockets.server)).toEqual(ALL);
  });

  test('by a kernel before 4.18, which would send them as one datagram, they arrive one by one', () => {
    using sockets = pair();
    const batch = mixed();
    const calls: string[] = [];
    const native = { ...refusing(EIO, batch, calls), getsockopt: () => ENOPROTOOPT };
    expect(sendAll(Object.setPrototypeOf(native, binding()), sockets.client, batch, 5)).toEqual([5]);
    expect(arrived(sockets.server)).toEqual(ALL);
    expect(calls).not.toContain('0 5');
  });

  test('an entry of which some were sent when it would block has the others, which the next call sends', () => {
    using sockets = pair();
    const { sendmmsg } = binding();
    const batch = new UdpBatch({ capacity: 1 });
    batch.put(0, JOINED, undefined, 4);
    let room = 3;
    const native = nativeWith({
      getsockopt: () => ENOPROTOOPT,
      sendmmsg: (fd, bytes, entries, start, count) => {
        if (room === 0) {
          return EAGAIN;
        }
        const sent = sendmmsg(fd, bytes, entries, start, Math.min(count, room));
        room -= sent;
        return sent;
      },
    });
    const sender = new SegmentSender(native);
    expect(sender.send(sockets.client.fd, memoryOf(batch), 0, 1)).toBe(EAGAIN);
    expect(arrived(sockets.server)).toEqual(APART.slice(0, 3));
    expect([batch.lengthAt(0), batch.offsetAt(0)]).toEqual([2, 12]);
    room = 9;
    expect(sender.send(sockets.client.fd, memoryOf(batch), 0, 1)).toBe(1);
    expect(arrived(sockets.server)).toEqual(['dd']);
    batch.put(0, Buffer.from('next'));
    expect(batch.offsetAt(0)).toBe(0);
  });

  test('an entry that was sent completely is unchanged, so that it can be sent again', () => {
    using sockets = pair();
    const batch = mixed();
    const native = refusing(EINVAL, batch);
    sendAll(native, sockets.client, batch, 5);
    sendAll(native, sockets.client, batch, 5);
    expect(arrived(sockets.server)).toEqual([...ALL, ...ALL]);
  });

  test('the error of one of them is returned, not that of sending them together', () => {
    using gone = UdpSocket.bind(LOCAL);
    const batch = new UdpBatch({ capacity: 1 });
    batch.put(0, JOINED, undefined, 4);
    // Not connected, and the entry has no peer.
    expect(sendAll(refusing(EINVAL, batch), gone, batch, 1)).toEqual([-89]);
  });
});

test('setCoalescing() returns false if this kernel cannot do it, and throws other errors', () => {
  using sockets = pair();
  const setsockopt = vi.spyOn(binding(), 'setsockopt');
  setsockopt.mockReturnValueOnce(ENOPROTOOPT);
  expect(sockets.server.setCoalescing(true)).toBe(false);
  setsockopt.mockReturnValueOnce(EINVAL);
  expect(raises(() => sockets.server.setCoalescing(true))).toMatchObject({ code: 'EINVAL', syscall: 'setsockopt' });
  setsockopt.mockRestore();
});
