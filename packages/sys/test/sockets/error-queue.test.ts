import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AnySocket, EventManager, EventSet, Socket, UdpSocket, UnixDatagram } from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, IPPROTO_IP, IPPROTO_IPV6, IP_RECVERR, IPV6_RECVERR } = Socket.constants;
const AF_NETLINK = Socket.constants.AF_NETLINK;

expectNoFilesLeftOpen();

/** Returns a port that no socket is bound to. */
function deadPort(host: string): number {
  using socket = UdpSocket.bind({ host, port: 0 });
  return socket.localAddress.port;
}

function queueing(host: string): UdpSocket {
  const socket = UdpSocket.bind({ host, port: 0 });
  socket.setOption(IPPROTO_IP, IP_RECVERR, 1);
  if (socket.localAddress.family === 'IPv6') {
    socket.setOption(IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
  return socket;
}

// [bound to, sent to, origin, type and code of "port unreachable", offender]
test.each([
  ['127.0.0.1', '127.0.0.1', 2, 3, 3, '127.0.0.1'],
  ['::1', '::1', 3, 1, 4, '::1'],
  ['::', '::ffff:127.0.0.1', 2, 3, 3, '::ffff:127.0.0.1'],
])(
  'the error queue of a socket bound to %s holds a datagram to %s that was refused, and the offender',
  (host, address, ...expected) => {
    const [origin, type, code, offender] = expected;
    using socket = queueing(host);
    const port = deadPort(address.replace('::ffff:', ''));
    expect(socket.receiveError(new Uint8Array(8))).toBeUndefined();
    socket.sendTo({ address, port }, Buffer.from('lost'));
    const into = Buffer.alloc(8, '.');
    const failed = waitFor(socket, EventSet.EMPTY, () => socket.receiveError(into, 1, 6));
    expect(into.toString()).toBe('.lost...');
    expect(failed).toMatchObject({ length: 4, truncated: false, origin, type, code, info: 0 });
    expect(failed.error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'recvmsg', fd: socket.fd });
    expect(failed.to).toMatchObject({ address, port });
    expect(failed.offender).toMatchObject({ address: offender, port: 0 });
  },
);

test('a socket reports ERROR until its error queue is empty, and no longer', () => {
  using socket = queueing('127.0.0.1');
  const port = deadPort('127.0.0.1');
  for (const text of ['one', 'two']) {
    socket.sendTo({ address: '127.0.0.1', port }, Buffer.from(text));
    // Each send throws the pending error of the one before.
    socket.takeError();
  }
  using manager = new EventManager();
  const seen: string[] = [];
  const into = Buffer.alloc(8);
  manager.add(socket, EventSet.EMPTY, (events) => {
    const failed = socket.receiveError(into);
    seen.push(`${EventSet.format(events)} ${into.toString('utf8', 0, failed?.length ?? 0)}`);
  });
  expect([manager.wait(0), manager.wait(0), manager.wait(0)]).toEqual([1, 1, 0]);
  expect(seen).toEqual(['ERROR one', 'ERROR two']);
  expect(socket.receiveError(into)).toBeUndefined();
});

test('receiveError() reports that it cut a datagram, even with an empty buffer', () => {
  using socket = queueing('127.0.0.1');
  socket.sendTo({ address: '127.0.0.1', port: deadPort('127.0.0.1') }, Buffer.from('too long'));
  const failed = waitFor(socket, EventSet.EMPTY, () => socket.receiveError(new Uint8Array(0)));
  expect(failed).toMatchObject({ length: 0, truncated: true, error: { code: 'ECONNREFUSED' } });
});

test('an error that this machine detects has the MTU and no offender', () => {
  using socket = queueing('::1');
  const IPV6_DONTFRAG = 62;
  socket.setOption(IPPROTO_IPV6, IPV6_DONTFRAG, 1);
  // The longest datagram of UDP. With its headers, it is longer than a packet of the loopback interface.
  const tooLong = () => socket.sendTo({ address: '::1', port: 9 }, new Uint8Array(65_527));
  expect(raises(tooLong)).toMatchObject({ code: 'EMSGSIZE' });
  const mtu = Number(readFileSync('/sys/class/net/lo/mtu', 'utf8'));
  expect(socket.receiveError(new Uint8Array(8))).toMatchObject({
    error: { code: 'EMSGSIZE' },
    origin: 1,
    type: 0,
    code: 0,
    info: mtu,
    to: { address: '::1', port: 9 },
    offender: undefined,
  });
});

test.each([AF_INET, AF_INET6])('receiveError() of an AnySocket of family %i returns addresses as bytes', (family) => {
  using socket = AnySocket.open({ family, type: SOCK_DGRAM });
  const isIpv4 = family === AF_INET;
  socket.setOption(isIpv4 ? IPPROTO_IP : IPPROTO_IPV6, isIpv4 ? IP_RECVERR : IPV6_RECVERR, 1);
  using gone = UdpSocket.bind({ host: isIpv4 ? '127.0.0.1' : '::1', port: 0 });
  using named = AnySocket.adopt(
    UdpSocket.connect({ host: isIpv4 ? '127.0.0.1' : '::1', port: gone.localAddress.port }).detach(),
  );
  const to = named.remoteAddress;
  gone.close();
  socket.sendTo(to, Buffer.from('lost'));
  const failed = waitFor(socket, EventSet.EMPTY, () => socket.receiveError(new Uint8Array(8)));
  expect(failed).toMatchObject({ length: 4, error: { code: 'ECONNREFUSED' } });
  expect(Buffer.from(failed.to ?? [])).toEqual(Buffer.from(to));
  expect(failed.offender).toHaveLength(to.length);
});

test('receiveError() of a socket without an error queue throws EOPNOTSUPP, and loses no message', () => {
  const [one, other] = UnixDatagram.pair();
  other.send(Buffer.from('kept'));
  using any = AnySocket.adopt(one.detach());
  expect(any.getOption(Socket.constants.SOL_SOCKET, Socket.constants.SO_DOMAIN)).toBe(AF_UNIX);
  expect(raises(() => any.receiveError(new Uint8Array(8)))).toMatchObject({ code: 'EOPNOTSUPP', fd: any.fd });
  expect(any.receive(new Uint8Array(8))).toBe(4);
  using netlink = AnySocket.open({ family: AF_NETLINK, type: SOCK_DGRAM });
  expect(raises(() => netlink.receiveError(new Uint8Array(8))).code).toBe('EOPNOTSUPP');
  other.close();
});
