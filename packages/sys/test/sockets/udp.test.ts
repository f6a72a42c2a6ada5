import { describe, expect, test } from 'vitest';
import { EventManager, EventSet, UdpSocket } from '../../src/index.js';
import { fromIpSockaddr, toIpSockaddr } from '../../src/sockets/ip-address.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

/** Waits for the next datagram. */
function next(socket: UdpSocket, into: Uint8Array, offset?: number, length?: number) {
  return waitFor(socket, EventSet.IN, () => socket.receiveFrom(into, offset, length));
}

describe('a socket with packet info', () => {
  test.each([
    ['0.0.0.0', '127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.2', '127.0.0.2'],
    ['::', '::1', '::1'],
    ['::', '127.0.0.2', '127.0.0.2'],
  ])('bound to %s, answers from %s, the address that was asked', (host, asked, local) => {
    using server = UdpSocket.bind({ host, port: 0 });
    server.setPacketInfo(true);
    // A connected socket receives only from its peer.
    using client = UdpSocket.connect({ host: asked, port: server.localAddress.port });
    client.send(Buffer.from('ping'));
    const into = Buffer.alloc(8);
    const { from } = next(server, into);
    expect(from).toMatchObject({ local, port: client.localAddress.port });
    expect(server.sendTo(from, into, 0, 4)).toBe(4);
    expect(next(client, into)).toMatchObject({ length: 4, from: client.remoteAddress });
  });

  test('no longer reports the local address after setPacketInfo(false)', () => {
    using server = UdpSocket.bind({ host: '::', port: 0 });
    server.setPacketInfo(true);
    server.setPacketInfo(false);
    using client = UdpSocket.connect({ host: '127.0.0.1', port: server.localAddress.port });
    client.send(new Uint8Array(1));
    expect(next(server, Buffer.alloc(1)).from).not.toHaveProperty('local');
  });

  // 192.0.2.0/24 and 2001:db8::/32 are reserved for documentation: no machine has them.
  test.each([
    ['127.0.0.1', '192.0.2.1'],
    ['::1', '2001:db8::1'],
  ])('cannot send from an address of another machine (%s)', (host, local) => {
    using server = UdpSocket.bind({ host, port: 0 });
    const { port } = server.localAddress;
    const error = raises(() => server.sendTo({ address: host, port, local }, new Uint8Array(1)));
    expect(error).toMatchObject({ syscall: 'sendmsg', fd: server.fd });
    expect(['EINVAL', 'ENETUNREACH', 'EADDRNOTAVAIL']).toContain(error.code);
  });

  // [bound to, sent to, local, the sender that is seen; undefined: refused].
  test.each([
    ['0.0.0.0', '127.0.0.1', '127.0.0.2', '127.0.0.2'],
    ['0.0.0.0', '127.0.0.1', '::ffff:127.0.0.2', '127.0.0.2'],
    ['0.0.0.0', '127.0.0.1', '::1', undefined],
    ['::', '127.0.0.1', '127.0.0.2', '127.0.0.2'],
    ['::', '127.0.0.1', '::ffff:127.0.0.2', '127.0.0.2'],
    ['::', '127.0.0.1', '::1', undefined],
    ['::', '::ffff:127.0.0.1', '127.0.0.2', '127.0.0.2'],
    ['::', '::ffff:127.0.0.1', '::ffff:127.0.0.2', '127.0.0.2'],
    ['::', '::ffff:127.0.0.1', '::1', undefined],
    ['::', '::1', '::1', '::1'],
    ['::', '::1', '127.0.0.1', undefined],
    ['::', '::1', '::ffff:127.0.0.1', undefined],
  ])('bound to %s, sends to %s from %s, or refuses it', (host, address, local, seen) => {
    using server = UdpSocket.bind({ host, port: 0 });
    using client = UdpSocket.bind({ host: address.replace('::ffff:', ''), port: 0 });
    const { port } = client.localAddress;
    const send = () => server.sendTo({ address, port, local }, Buffer.from('x'));
    if (seen === undefined) {
      expect(raises(send)).toMatchObject({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining('"local"') });
      expect(client.receiveFrom(new Uint8Array(1))).toBeUndefined();
      return;
    }
    expect(send()).toBe(1);
    expect(next(client, new Uint8Array(1)).from).toMatchObject({ address: seen, port: server.localAddress.port });
    // An answer to the last sender uses the address that the kernel has written.
    client.sendTo({ address: seen, port: server.localAddress.port }, Buffer.from('y'));
    const { from } = next(server, new Uint8Array(1));
    server.sendTo({ ...from, local }, Buffer.from('z'));
    expect(next(client, new Uint8Array(1)).from.address).toBe(seen);
  });

  test('refuses to send from a text that is not an address', () => {
    using server = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
    const { port } = server.localAddress;
    const error = raises(() => server.sendTo({ address: '127.0.0.1', port, local: 'here' }, new Uint8Array(1)));
    expect(error).toMatchObject({ code: 'ERR_OUT_OF_RANGE', message: expect.stringContaining('"local"') });
  });
});

describe.each([
  ['127.0.0.1', 'IPv4'],
  ['::1', 'IPv6'],
])('over %s', (host, family) => {
  test('a datagram is received with its sender, and can be answered', () => {
    using server = UdpSocket.bind({ host, port: 0 });
    using client = UdpSocket.bind({ host, port: 0 });
    const into = Buffer.alloc(8, '.');
    expect(server.receiveFrom(into)).toBeUndefined();
    expect(client.sendTo(server.localAddress, Buffer.from('--ping'), 2)).toBe(4);
    const { from, ...message } = next(server, into, 1, 6);
    expect(message).toEqual({ length: 4, truncated: false });
    expect(into.toString()).toBe('.ping...');
    expect(from).toEqual({ address: host, family, port: client.localAddress.port });
    expect(server.sendTo(from, into, 1, 4)).toBe(4);
    expect(next(client, into)).toEqual({ length: 4, truncated: false, from: server.localAddress });
  });

  test('an answer goes to the address it is sent to, not to the last sender', () => {
    using server = UdpSocket.bind({ host, port: 0 });
    using one = UdpSocket.bind({ host, port: 0 });
    using other = UdpSocket.bind({ host, port: 0 });
    const into = Buffer.alloc(8);
    one.sendTo(server.localAddress, Buffer.from('one'));
    const { from: first } = next(server, into);
    other.sendTo(server.localAddress, Buffer.from('other'));
    const { from: second } = next(server, into);
    for (const [to, receiver] of [
      [first, one],
      [second, other],
      [{ address: second.address, port: first.port }, one],
      [second, other],
    ] as const) {
      server.sendTo(to, Buffer.from(`${to.port}`));
      // Within a machine, it arrives at once.
      const answer = receiver.receiveFrom(into);
      expect(into.toString('latin1', 0, answer?.length ?? 0)).toBe(`${receiver.localAddress.port}`);
    }
  });

  test('a connected socket sends to its peer, and receives only from its peer', () => {
    using server = UdpSocket.bind({ host, port: 0 });
    using stranger = UdpSocket.bind({ host, port: 0 });
    using client = UdpSocket.connect({ host, port: server.localAddress.port });
    expect(client.remoteAddress).toEqual(server.localAddress);
    expect(client.send(Buffer.from('--one-'), 2, 3)).toBe(3);
    const into = Buffer.alloc(8);
    const { from } = next(server, into);
    expect(from).toEqual(client.localAddress);
    stranger.sendTo(from, Buffer.from('stranger'));
    server.sendTo(from, Buffer.from('two'));
    expect(next(client, into)).toMatchObject({ length: 3, from: server.localAddress });
    expect(client.receiveFrom(into)).toBeUndefined();
  });

  test('a connected socket reports ERROR and throws ECONNREFUSED once if no socket is bound to the port of the peer', () => {
    const gone = UdpSocket.bind({ host, port: 0 });
    using client = UdpSocket.connect(hostAndPort(gone));
    gone.close();
    client.send(new Uint8Array(1));
    using manager = new EventManager();
    const seen: string[] = [];
    manager.add(client, EventSet.EMPTY, (events) => {
      seen.push(EventSet.format(events));
      const error = raises(() => client.receiveFrom(new Uint8Array(1)));
      expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'recvmsg', fd: client.fd });
    });
    manager.wait();
    manager.wait(0);
    expect(seen).toEqual(['ERROR']);
    expect(client.receiveFrom(new Uint8Array(1))).toBeUndefined();
  });
});

test('receiveFrom() reports that it cut a datagram, and the next one is whole', () => {
  using server = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  using client = UdpSocket.connect(hostAndPort(server));
  client.send(Buffer.from('too long'));
  client.send(Buffer.from('fits'));
  const into = Buffer.alloc(4);
  expect(next(server, into)).toMatchObject({ length: 4, truncated: true });
  expect(into.toString()).toBe('too ');
  expect(next(server, into)).toMatchObject({ length: 4, truncated: false });
  expect(into.toString()).toBe('fits');
});

test('an empty datagram is sent and received', () => {
  using server = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  using client = UdpSocket.connect(hostAndPort(server));
  const into = new Uint8Array(4);
  expect(client.send(new Uint8Array(0))).toBe(0);
  expect(next(server, into)).toEqual({ length: 0, truncated: false, from: client.localAddress });
  expect(client.sendTo(server.localAddress, into, 4)).toBe(0);
  expect(next(server, into).length).toBe(0);
  expect(server.receiveFrom(into)).toBeUndefined();
});

test('the longest datagram arrives, a longer one throws EMSGSIZE', () => {
  using server = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  using client = UdpSocket.connect(hostAndPort(server));
  expect(client.send(new Uint8Array(65_507))).toBe(65_507);
  expect(next(server, new Uint8Array(65_536))).toMatchObject({ length: 65_507, truncated: false });
  expect(raises(() => client.send(new Uint8Array(65_508)))).toMatchObject({ code: 'EMSGSIZE', syscall: 'send' });
});

test("a socket at '::' receives IPv4 too, from mapped addresses that it can answer, unless it has ipv6Only", () => {
  using both = UdpSocket.bind({ host: '::', port: 0 });
  const { port } = both.localAddress;
  using client = UdpSocket.connect({ host: '127.0.0.1', port });
  client.send(Buffer.from('four'));
  const into = Buffer.alloc(8);
  const { from } = next(both, into);
  expect(from).toEqual({ address: '::ffff:127.0.0.1', family: 'IPv6', port: client.localAddress.port });
  for (const address of [from.address, '127.0.0.1']) {
    both.sendTo({ address, port: from.port }, into, 0, 4);
    expect(next(client, into).length).toBe(4);
  }
  expect(raises(() => UdpSocket.bind({ host: '0.0.0.0', port })).code).toBe('EADDRINUSE');
  using ipv6 = UdpSocket.bind({ host: '::', port: 0, ipv6Only: true });
  UdpSocket.bind({ host: '0.0.0.0', port: ipv6.localAddress.port }).close();
});

test.each(['reuseAddress', 'reusePort'])('sockets that all set %s share a port', (option) => {
  const host = '127.0.0.1';
  using first = UdpSocket.bind({ host, port: 0, [option]: true });
  const { port } = first.localAddress;
  UdpSocket.bind({ host, port, [option]: true }).close();
  expect(raises(() => UdpSocket.bind({ host, port }))).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' });
});

test('a broadcast throws EACCES until it is allowed', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const { port } = socket.localAddress;
  const broadcast = () => socket.sendTo({ address: '127.255.255.255', port }, new Uint8Array(1));
  expect(raises(broadcast)).toMatchObject({ code: 'EACCES', syscall: 'sendmsg' });
  socket.setBroadcast(true);
  expect(broadcast()).toBe(1);
  socket.setBroadcast(false);
  expect(raises(broadcast).code).toBe('EACCES');
  expect(raises(() => Reflect.apply(socket.setBroadcast, socket, [1])).code).toBe('ERR_INVALID_ARG_TYPE');
});

test.each([
  ['fe80::1%7', 9],
  ['fe80::1%4294967295', 65_535],
  ['::1', 0],
  ['255.255.255.255', 1],
])('%s keeps its zone on the way to the kernel and back', (address, port) => {
  const sockaddr = toIpSockaddr(address, port);
  expect(fromIpSockaddr(sockaddr)).toMatchObject({ address, port });
});

test('sending without a peer throws EDESTADDRREQ, to IPv6 from IPv4 EAFNOSUPPORT', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  expect(raises(() => socket.send(new Uint8Array(1))).code).toBe('EDESTADDRREQ');
  expect(raises(() => socket.remoteAddress).code).toBe('ENOTCONN');
  expect(raises(() => socket.sendTo({ address: '::1', port: 9 }, new Uint8Array(1))).code).toBe('EAFNOSUPPORT');
});

const bytes = new Uint8Array(8);
const to = { address: '127.0.0.1', port: 9 };

test.each<[string, unknown[], string]>([
  ['a name for an address', [{ ...to, address: 'localhost' }, bytes], 'ERR_OUT_OF_RANGE'],
  ['no address', [{ port: 9 }, bytes], 'ERR_INVALID_ARG_TYPE'],
  ['no port', [{ address: '127.0.0.1' }, bytes], 'ERR_INVALID_ARG_TYPE'],
  ['a port of 65536', [{ ...to, port: 65_536 }, bytes], 'ERR_OUT_OF_RANGE'],
  ['no buffer', [to], 'ERR_INVALID_ARG_TYPE'],
  ['text', [to, 'text'], 'ERR_INVALID_ARG_TYPE'],
  ['an offset past the end', [to, bytes, 9], 'ERR_OUT_OF_RANGE'],
  ['a length past the end', [to, bytes, 4, 5], 'ERR_OUT_OF_RANGE'],
])('%s is refused before the system call', (_, args, code) => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  expect(raises(() => Reflect.apply(socket.sendTo, socket, args)).code).toBe(code);
  if (args[0] === to) {
    expect(raises(() => Reflect.apply(socket.receiveFrom, socket, args.slice(1))).code).toBe(code);
  }
});

test.each<[string, object, string]>([
  ['a name for a host', { host: 'localhost', port: 1 }, 'ERR_OUT_OF_RANGE'],
  ['no host', { port: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['a port as text', { host: '::1', port: '80' }, 'ERR_INVALID_ARG_TYPE'],
])('%s is refused by bind() and connect()', (_, options, code) => {
  expect(raises(() => UdpSocket.bind(options as never)).code).toBe(code);
  expect(raises(() => UdpSocket.connect(options as never)).code).toBe(code);
});

test.each(['reuseAddress', 'reusePort', 'ipv6Only'])('a %s that is not a boolean is refused', (option) => {
  expect(raises(() => UdpSocket.bind({ host: '127.0.0.1', port: 0, [option]: 1 })).code).toBe('ERR_INVALID_ARG_TYPE');
});

function hostAndPort(socket: UdpSocket): { host: string; port: number } {
  const { address, port } = socket.localAddress;
  return { host: address, port };
}

test('sendTo() sends nothing if a getter of the address closes the socket', () => {
  const socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const { port } = socket.localAddress;
  const closing = {
    get address() {
      socket.close();
      return '127.0.0.1';
    },
    port,
  };
  expect(raises(() => socket.sendTo(closing, new Uint8Array(1))).code).toBe('ERR_EM_CLOSED');
});
