import { EventSet } from '@em/core';
import { UnixDatagramBatch } from '@em/sys';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Count } from '../../src/counters.js';
import { numbered } from '../fakes/bytes.js';
import { FakeUdpSocket, FakeUnixgramSocket } from '../fakes/fake-datagram-socket.js';
import { FakeServer } from '../fakes/fake-server.js';
import { systemError } from '../fakes/system-error.js';

let fake: FakeServer;
let udp: FakeUdpSocket;
let unix: FakeUnixgramSocket;

beforeEach(() => {
  fake = new FakeServer({ bufferBytes: 64 * 1024 });
  udp = new FakeUdpSocket(fake.poller);
  unix = new FakeUnixgramSocket(fake.poller);
  fake.server.serve({ transport: 'udp', socket: udp });
  fake.server.serve({ transport: 'unixgram', socket: unix });
});

const alice = { address: '10.0.0.1', port: 40_000 };
const bob = { address: '10.0.0.1', port: 40_001 };

function interestOf(socket: { fd: number }): string {
  return EventSet.format(fake.manager.get(socket.fd)?.events ?? 0);
}

/** The answers, as `client: length`. */
function answers(socket: FakeUnixgramSocket): string[] {
  return socket.sent.map(({ to, bytes }) => `${to}: ${bytes.length}`);
}

/** A batch says that a message is truncated only if the kernel has cut it. */
function pushTruncated(): void {
  vi.spyOn(UnixDatagramBatch.prototype, 'truncatedAt').mockReturnValueOnce(true);
  unix.push('a', numbered(1));
}

describe('a datagram', () => {
  test.each([0, 1, 1500, 65_507])('of %d bytes comes back complete', (length) => {
    udp.push(alice, numbered(length));
    fake.settle();
    expect(udp.sent).toEqual([{ to: alice, bytes: numbered(length) }]);
  });

  test('is answered to its sender', () => {
    udp.push(alice, numbered(1));
    udp.push(bob, numbered(2));
    udp.push(alice, numbered(3));
    fake.settle();
    expect(udp.sent.map(({ to, bytes }) => [to, bytes.length])).toEqual([
      [alice, 1],
      [bob, 2],
      [alice, 3],
    ]);
    expect(fake.counters.get(Count.datagramsReceived)).toBe(3);
    expect(fake.counters.get(Count.datagramsSent)).toBe(3);
    expect(fake.counters.get(Count.bytesSent)).toBe(6);
  });

  test('is one of at most 64 per event, so that a flood does not delay the others', () => {
    for (let i = 0; i < 100; i++) {
      udp.push(alice, numbered(1));
    }
    fake.manager.wait(0);
    expect(udp.sent).toHaveLength(64);
    fake.manager.wait(0);
    expect(udp.sent).toHaveLength(100);
  });

  test.each([
    ['is longer than the buffer', pushTruncated],
    ['comes from a sender without an address', () => unix.push(undefined, numbered(1))],
    ['comes from the port that is served', () => udp.push({ address: '10.0.0.1', port: 7007 }, numbered(1))],
    ['comes from the port that another socket serves', () => udp.push({ address: '::1', port: 7008 }, numbered(1))],
    ['comes from the socket itself', () => unix.push('/run/echo.sock', numbered(1))],
    ['comes from another unix socket that is served', () => unix.push('\0other', numbered(1))],
    ['comes from a multicast address', () => udp.push({ address: '224.0.0.1', port: 40_000 }, numbered(1))],
    [
      'comes from a mapped multicast address',
      () => udp.push({ address: '::ffff:239.1.1.1', port: 40_000 }, numbered(1)),
    ],
    ['comes from a multicast address of IPv6', () => udp.push({ address: 'ff02::1', port: 40_000 }, numbered(1))],
    ['comes from the broadcast address', () => udp.push({ address: '255.255.255.255', port: 40_000 }, numbered(1))],
    ['comes from the address 0.0.0.0', () => udp.push({ address: '0.0.0.0', port: 40_000 }, numbered(1))],
    ['comes from a service port', () => udp.push({ address: '10.0.0.1', port: 7 }, numbered(1))],
    ['comes from port 0', () => udp.push({ address: '10.0.0.1', port: 0 }, numbered(1))],
  ])('that %s is not answered', (_, push) => {
    fake.server.serve({ transport: 'udp', socket: new FakeUdpSocket(fake.poller, 7008) });
    fake.server.serve({ transport: 'unixgram', socket: new FakeUnixgramSocket(fake.poller, '\0other') });
    push();
    fake.settle();
    expect(udp.attempts + unix.attempts).toBe(0);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(1);
  });

  test.each(['0.0.0.0', '224.0.0.1', '127.255.255.255'])(
    'to many machines is not answered, and one to this machine is: %s',
    (address) => {
      const socket = new FakeUdpSocket(fake.poller, 7008, address);
      fake.server.serve({ transport: 'udp', socket });
      expect(socket.hasPacketInfo).toBe(true);
      socket.push(alice, numbered(1));
      socket.push({ ...bob, local: '10.0.0.2' }, numbered(2));
      fake.settle();
      expect(socket.sent.map(({ to, bytes }) => [to, bytes.length])).toEqual([[bob, 2]]);
      expect(fake.counters.get(Count.datagramsDropped)).toBe(1);
    },
  );

  test('arrives without packet info at a socket that receives only what was sent to it, because that costs less', () => {
    expect(udp.hasPacketInfo).toBe(false);
  });

  test('that arrived with others of its sender is answered with them, and counted by itself', () => {
    udp.push(alice, numbered(10), 4);
    udp.push(bob, numbered(0), 4);
    fake.settle();
    expect(udp.sent).toEqual([
      { to: alice, bytes: numbered(10).subarray(0, 4) },
      { to: alice, bytes: numbered(10).subarray(4, 8) },
      { to: alice, bytes: numbered(10).subarray(8) },
      { to: bob, bytes: numbered(0) },
    ]);
    expect(udp.calls).toBe(1);
    expect(fake.counters.get(Count.datagramsReceived)).toBe(4);
    expect(fake.counters.get(Count.datagramsSent)).toBe(4);
    expect(fake.counters.get(Count.bytesReceived)).toBe(10);
    expect(fake.counters.get(Count.bytesSent)).toBe(10);
  });

  test('that is dropped does not hold back those before and after it in its batch', () => {
    udp.push(alice, numbered(1));
    udp.push({ address: '10.0.0.1', port: 7 }, numbered(2));
    udp.push(bob, numbered(3));
    fake.settle();
    expect(udp.sent.map(({ to, bytes }) => [to, bytes.length])).toEqual([
      [alice, 1],
      [bob, 3],
    ]);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(1);
  });

  test('is asked for together with as many others as came with the one before', () => {
    const asked: number[] = [];
    for (const count of [1, 1, 2, 5, 20, 200, 0, 1, 1]) {
      for (let i = 0; i < count; i++) {
        udp.push(alice, numbered(1));
      }
      fake.manager.wait(0);
      asked.push(udp.asked);
      fake.settle();
    }
    expect(asked.slice(0, 3)).toEqual([64, 1, 4]);
    expect(Math.max(...asked)).toBe(64);
    expect(udp.asked).toBe(1);
    expect(udp.sent).toHaveLength(231);
  });

  test('that cannot be answered does not stop the server', () => {
    unix.sendErrors.set('gone', systemError('ECONNREFUSED'));
    unix.push('gone', numbered(1));
    unix.push('there', numbered(2));
    fake.settle();
    expect(answers(unix)).toEqual(['there: 2']);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(1);
    expect(fake.log.lines).toEqual(['debug a datagram was not answered reason=ECONNREFUSED: of some kind']);
  });
});

describe('answers beyond the limit are not sent', () => {
  beforeEach(() => {
    fake = new FakeServer({ datagramsPerSource: 3 });
    udp = new FakeUdpSocket(fake.poller);
    unix = new FakeUnixgramSocket(fake.poller);
    fake.server.serve({ transport: 'udp', socket: udp });
    fake.server.serve({ transport: 'unixgram', socket: unix });
  });

  function flood(count: number): void {
    for (let i = 0; i < count; i++) {
      udp.push(alice, numbered(1));
      unix.push('client', numbered(1));
    }
    fake.settle();
  }

  test('to one source, while other sources are answered', () => {
    flood(10);
    expect([udp.sent.length, unix.sent.length]).toEqual([3, 3]);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(14);
    udp.push(bob, numbered(1));
    fake.settle();
    expect(udp.sent.at(-1)?.to).toEqual(bob);
  });

  test('also of datagrams that arrived together, of which the first are answered', () => {
    udp.push(alice, numbered(20), 4);
    fake.settle();
    expect(udp.sent.map(({ bytes }) => bytes)).toEqual([0, 4, 8].map((from) => numbered(20).subarray(from, from + 4)));
    expect(fake.counters.get(Count.datagramsDropped)).toBe(2);
    expect(fake.counters.get(Count.datagramsReceived)).toBe(5);
  });

  test('until a second has passed', () => {
    flood(10);
    fake.pass(999);
    flood(10);
    expect(udp.sent).toHaveLength(3);
    fake.pass(1);
    flood(10);
    expect(udp.sent).toHaveLength(6);
  });

  test('and are logged once per flood', () => {
    for (let second = 0; second < 5; second++) {
      flood(10);
      fake.pass(1000);
    }
    const line = 'warn datagrams arrive too fast, not all are answered source=10.0.0.1 40000 ';
    expect(fake.log.lines).toEqual([line]);
    fake.pass(1000);
    flood(1);
    fake.pass(1000);
    flood(10);
    expect(fake.log.lines).toHaveLength(2);
  });

  test('to any number of sources together', () => {
    for (let port = 1024; port < 3000; port++) {
      udp.push({ address: '10.0.0.1', port }, numbered(1));
    }
    fake.settle();
    expect(udp.sent).toHaveLength(300);
  });
});

describe('an answer over UDP that would block', () => {
  beforeEach(() => {
    udp.blocked.add('40000').add('40001');
    udp.push(alice, numbered(1));
    udp.push(bob, numbered(2));
    udp.push(alice, numbered(3));
    fake.settle();
  });

  test('waits for OUT, which is in the interest only then, and is sent in order', () => {
    expect(interestOf(udp)).toBe('IN|OUT');
    udp.blocked.clear();
    udp.tellRoom();
    fake.settle();
    expect(udp.sent.map(({ bytes }) => bytes)).toEqual([numbered(1), numbered(3), numbered(2)]);
    expect(interestOf(udp)).toBe('IN');
    expect(fake.counters.get(Count.bufferedBytes)).toBe(0);
  });

  test('waits as single datagrams if it arrived together with others, and is sent in order', () => {
    udp.push(alice, numbered(10), 4);
    fake.settle();
    udp.blocked.clear();
    udp.tellRoom();
    fake.settle();
    expect(udp.sent.filter(({ to }) => to.port === alice.port).map(({ bytes }) => bytes.length)).toEqual([
      1, 3, 4, 4, 2,
    ]);
    expect(fake.counters.get(Count.datagramsSent)).toBe(6);
  });

  test('waits as long as necessary', () => {
    fake.pass(10 ** 6);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(0);
  });

  test('is sent before the server ends, if there is room in time', async () => {
    const drained = fake.server.drain(1000);
    expect(interestOf(udp)).toBe('OUT');
    udp.blocked.clear();
    udp.tellRoom();
    fake.settle();
    await drained;
    expect(udp.sent).toHaveLength(3);
    expect(udp.closed).toBe(true);
  });
});

describe('an answer over a unix socket that would block', () => {
  beforeEach(() => {
    unix.blocked.add('full');
    unix.push('full', numbered(1));
    unix.push('full', numbered(2));
    unix.push('other', numbered(3));
    fake.settle();
  });

  test('does not delay another client', () => {
    expect(answers(unix)).toEqual(['other: 3']);
    expect(interestOf(unix)).toBe('IN');
  });

  test('is sent again after a moment, in order', () => {
    unix.blocked.clear();
    unix.push('full', numbered(4));
    fake.settle();
    expect(answers(unix)).toEqual(['other: 3']);
    fake.pass(10);
    expect(answers(unix)).toEqual(['other: 3', 'full: 1', 'full: 2', 'full: 4']);
    const { attempts } = unix;
    fake.pass(1000);
    expect(unix.attempts).toBe(attempts);
  });

  test('is dropped if the client takes nothing for five seconds', () => {
    fake.pass(4900);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(0);
    fake.pass(200);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(2);
    expect(fake.counters.get(Count.bufferedBytes)).toBe(0);
    const { attempts } = unix;
    fake.pass(1000);
    expect(unix.attempts).toBe(attempts);
  });

  test('is sent in time although more answers for clients that do not read come all the time', () => {
    fake.pass(5);
    unix.blocked.clear();
    unix.blocked.add('never reads');
    for (let i = 0; i < 10; i++) {
      unix.push('never reads', numbered(1));
      fake.pass(1);
    }
    expect(answers(unix)).toEqual(['other: 3', 'full: 1', 'full: 2']);
  });

  test('is kept although a client that does not read has used its limit', () => {
    for (let i = 0; i < 100; i++) {
      unix.push('never reads', numbered(1000));
    }
    unix.blocked.add('never reads');
    unix.push('full', numbered(4));
    fake.settle();
    unix.blocked.delete('full');
    fake.pass(10);
    expect(answers(unix)).toEqual(['other: 3', 'full: 1', 'full: 2', 'full: 4']);
  });

  test('is tried less often if the client does not read, and still within a tenth of a second', () => {
    fake.pass(1000);
    const { attempts } = unix;
    fake.pass(1000);
    expect(unix.attempts - attempts).toBeLessThan(20);
    unix.blocked.clear();
    fake.pass(80);
    expect(answers(unix)).toEqual(['other: 3', 'full: 1', 'full: 2']);
  });

  test('is kept if the memory limit allows it, and dropped otherwise', () => {
    for (let i = 0; i < 100; i++) {
      unix.push('full', numbered(1000));
    }
    unix.push('other', numbered(1));
    fake.settle();
    expect(fake.counters.get(Count.bufferedBytes)).toBeLessThan(64 * 1024 + 2000);
    expect(fake.counters.get(Count.datagramsDropped)).toBeGreaterThan(40);
    expect(answers(unix)).toEqual(['other: 3', 'other: 1']);
  });

  test('is dropped at the deadline', async () => {
    const drained = fake.server.drain(500);
    fake.pass(500);
    await drained;
    expect(unix.closed).toBe(true);
    expect(fake.counters.get(Count.datagramsDropped)).toBe(2);
    expect(fake.counters.get(Count.bufferedBytes)).toBe(0);
  });
});

describe('when the server ends', () => {
  test('only the datagrams that wait already are answered', async () => {
    udp.push(alice, numbered(1));
    await fake.server.drain(1000);
    expect(udp.sent).toHaveLength(1);
    expect(udp.closed && unix.closed).toBe(true);
    expect(fake.manager.size).toBe(0);
  });
});

describe('when receiving fails', () => {
  test('the socket is paused for a second', () => {
    udp.receiveError = systemError('ENOMEM');
    udp.push(alice, numbered(1));
    fake.settle();
    expect(udp.receives).toBe(1);
    fake.pass(1000);
    expect(udp.receives).toBe(2);
    expect(fake.log.lines).toEqual(Array(2).fill('warn datagrams must wait reason=ENOMEM: of some kind'));
    udp.receiveError = undefined;
    fake.poller.failNext('add', 'ENOMEM');
    fake.pass(1000);
    expect(udp.sent).toEqual([]);
    fake.pass(1000);
    expect(udp.sent).toHaveLength(1);
  });

  test('closing the server cancels the next attempt', () => {
    udp.receiveError = systemError('ENOMEM');
    udp.push(alice, numbered(1));
    fake.settle();
    fake.server.close();
    fake.pass(10_000);
    expect(udp.receives).toBe(1);
    expect(udp.closed).toBe(true);
  });
});
