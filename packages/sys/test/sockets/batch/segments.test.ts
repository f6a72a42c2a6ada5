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

describe('neighbours', () => {
  /** What a socket that coalesces receives: the datagrams of each entry. */
  function received(send: (client: UdpSocket, batch: UdpBatch) => number | undefined): [number | undefined, string[]] {
    using sockets = pair();
    sockets.server.setCoalescing(true);
    const sent = send(sockets.client, new UdpBatch({ bytesPerDatagram: 1_000 }));
    return [sent, arrived(sockets.server)];
  }

  test('of one size are sent together, the last one may be shorter', () => {
    const texts = ['aaaa', 'bbbb', 'cc', 'dd', 'ee', 'f', '', 'g', 'hhhh', 'iiii'];
    const [sent, entries] = received((client, batch) => {
      for (const [index, text] of texts.entries()) {
        batch.put(index, Buffer.from(text));
      }
      return client.sendMany(batch, texts.length);
    });
    expect(sent).toBe(texts.length);
    expect(entries).toEqual(['aaaa,bbbb,cc', 'dd,ee,f', '', 'g', 'hhhh,iiii']);
  });

  test('of an entry with segmentBytes are not mixed with it', () => {
    const [sent, entries] = received((client, batch) => {
      batch.put(0, Buffer.from('aaaa'));
      batch.put(1, JOINED, undefined, 4);
      batch.put(2, Buffer.from('dd'));
      return client.sendMany(batch, 3);
    });
    expect([sent, entries]).toEqual([3, ['aaaa', APART.join(), 'dd']]);
  });

  test('are as many as the kernel sends together, and all are counted', () => {
    const [sent, entries] = received((client, batch) => {
      const many = new UdpBatch({ capacity: 150, bytesPerDatagram: 1_400 });
      for (let index = 0; index < 150; index++) {
        many.put(index, Buffer.alloc(index < 100 ? 1 : 1_400, 'x'));
      }
      expect(batch.capacity).toBe(64);
      return client.sendMany(many, 150);
    });
    expect(sent).toBe(150);
    expect(entries.map((entry) => entry.split(',').length)).toEqual([64, 36, 46, 4]);
  });

  test('for different peers, or from different addresses, are sent apart', () => {
    using server = UdpSocket.bind({ host: '0.0.0.0', port: 0 });
    server.setPacketInfo(true);
    const receivers = [1, 2].map(() => UdpSocket.bind(LOCAL));
    const batch = new UdpBatch({ capacity: 4 });
    const [one, other] = receivers.map(({ localAddress }) => localAddress);
    batch.put(0, Buffer.from('a'), one);
    batch.put(1, Buffer.from('b'), other);
    batch.put(2, Buffer.from('c'), one && { ...one, local: '127.0.0.2' });
    batch.put(3, Buffer.from('d'), one && { ...one, local: '127.0.0.3' });
    expect(server.sendMany(batch, 4)).toBe(4);
    const seen: string[][] = [];
    for (const receiver of receivers) {
      const into = new UdpBatch();
      const count = receiver.receiveMany(into) ?? 0;
      seen.push(Array.from({ length: count }, (_, index) => `${apart(into, index)} ${into.peerAt(index).address}`));
      receiver.close();
    }
    expect(seen).toEqual([['a 127.0.0.1', 'c 127.0.0.2', 'd 127.0.0.3'], ['b 127.0.0.1']]);
  });

  test('that are too long for a packet are sent apart from then on, and shorter ones together', () => {
    using sockets = pair();
    const { sendmmsg } = binding();
    const asked: number[] = [];
    const sender = new SegmentSender(
      nativeWith({
        sendmmsg: (fd, bytes, entries, start, count, maxJoined) => {
          asked.push(maxJoined);
          return maxJoined >= 4 ? EINVAL : sendmmsg(fd, bytes, entries, start, count, maxJoined);
        },
      }),
    );
    const batch = new UdpBatch({ capacity: 3 });
    for (const [index, text] of ['aaaa', 'bbbb', 'cc'].entries()) {
      batch.put(index, Buffer.from(text));
    }
    const memory = memoryOf(batch);
    expect(sender.send(sockets.client.fd, memory, 0, 3)).toBe(1);
    expect(sender.send(sockets.client.fd, memory, 1, 2)).toBe(2);
    expect(arrived(sockets.server)).toEqual(['aaaa', 'bbbb', 'cc']);
    expect(asked).toEqual([65_535, 0, 3]);
  });

  test('of which the first cannot be sent at all stay together: its error is not that of sending together', () => {
    using sender = UdpSocket.bind(LOCAL);
    using receiver = UdpSocket.bind(LOCAL);
    receiver.setCoalescing(true);
    const batch = new UdpBatch({ capacity: 3 });
    batch.put(0, Buffer.from('aaaa'), { ...receiver.localAddress, port: 0 });
    batch.put(1, Buffer.from('bbbb'), receiver.localAddress);
    batch.put(2, Buffer.from('cccc'), receiver.localAddress);
    expect(raises(() => sender.sendMany(batch, 3)).code).toBe('EINVAL');
    expect(sender.sendMany(batch, 2, 1)).toBe(2);
    expect(arrived(receiver)).toEqual(['bbbb,cccc']);
  });
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
      sendmmsg: (fd, bytes, from, start, count, maxJoined) => {
        calls.push(`${from === entries ? '' : 'apart '}${start} ${count}${maxJoined > 0 ? ' joined' : ''}`);
        for (let at = start; from === entries && at < start + count; at++) {
          if (batch.segmentBytesAt(at) > 0) {
            return at === start ? error : sendmmsg(fd, bytes, from, start, at - start, 0);
          }
        }
        return sendmmsg(fd, bytes, from, start, count, 0);
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
    expect(sendAll(refusing(EIO, batch, calls), sockets.client, batch, 5)).toEqual([1, 1, 3]);
    expect(arrived(sockets.server)).toEqual(ALL);
    expect(calls).toEqual(['0 5 joined', '1 4 joined', 'apart 0 4', '2 1', 'apart 0 4', '4 1']);
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
    expect(calls.join()).not.toContain('joined');
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
        const sent = sendmmsg(fd, bytes, entries, start, Math.min(count, room), 0);
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
