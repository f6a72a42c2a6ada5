import { expect, test } from 'vitest';
import { AnySocket, type AnySocketOptions, dup, EventManager, EventSet, Socket, TcpListener } from '../../src/index.js';
import { toIpSockaddr } from '../../src/sockets/ip-address.js';
import { fromUnixSockaddr, toUnixSockaddr } from '../../src/sockets/unix/unix-address.js';
import { openNetlink } from '../support/netlink.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { abstract } from '../support/unix-places.js';
import { waitFor } from '../support/wait-for.js';

expectNoFilesLeftOpen();

const { AF_INET, AF_UNIX, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET } = Socket.constants;
/** From <asm-generic/socket.h>. */
const SO_PEEK_OFF = 42;

test('unix streams connect, are accepted, carry bytes both ways, and can be half closed', () => {
  const sockaddr = toUnixSockaddr(abstract());
  using listener = AnySocket.open({ family: AF_UNIX, type: SOCK_STREAM });
  listener.bind(sockaddr);
  listener.listen(4);
  expect(listener.accept()).toBeUndefined();
  using client = AnySocket.open({ family: AF_UNIX, type: SOCK_STREAM });
  expect(raises(() => client.remoteAddress)).toMatchObject({ code: 'ENOTCONN', syscall: 'getpeername' });
  const connectNowhere = () => client.connect(toUnixSockaddr(abstract()));
  expect(raises(connectNowhere)).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', fd: client.fd });
  expect(client.connect(sockaddr)).toBe(true);
  using server = waitFor(listener, EventSet.IN, () => listener.accept());
  expect([client.remoteAddress, server.localAddress]).toEqual([sockaddr, sockaddr]);
  const into = Buffer.alloc(8, '.');
  expect(client.send(Buffer.from('--ping-'), 2, 4)).toBe(4);
  expect(server.receive(into, 1, 7)).toBe(4);
  expect(into.toString()).toBe('.ping...');
  client.shutdownWrite();
  expect(server.receive(into)).toBe(0);
  server.send(into);
  expect(client.receiveFrom(into)).toMatchObject({ length: 8, truncated: false });
  expect(raises(() => client.send(into))).toMatchObject({ code: 'EPIPE', syscall: 'send', fd: client.fd });
});

test('the sender of a unix datagram does not change when the next datagram is received', () => {
  const open = () => AnySocket.open({ family: AF_UNIX, type: SOCK_DGRAM });
  const here = toUnixSockaddr(abstract());
  const [one, other] = [toUnixSockaddr(abstract()), toUnixSockaddr(abstract())];
  using receiver = open();
  receiver.bind(here);
  const senders = [one, other].map((sockaddr) => {
    using sender = open();
    sender.bind(sockaddr);
    expect(sender.sendTo(here, Buffer.from('--ping-'), 2, 4)).toBe(4);
    return receiver.receiveFrom(new Uint8Array(8));
  });
  expect(senders).toEqual([one, other].map((from) => ({ length: 4, truncated: false, from })));
});

test('a TCP connect that does not finish at once reports OUT when it fails, and takeError() returns why', () => {
  const gone = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = gone.address;
  gone.close();
  using client = AnySocket.open({ family: AF_INET, type: SOCK_STREAM });
  expect(client.takeError()).toBeUndefined();
  expect(client.connect(toIpSockaddr('127.0.0.1', port))).toBe(false);
  using manager = new EventManager();
  let seen = 0;
  manager.add(client, EventSet.OUT, (events) => {
    seen = events;
  });
  manager.wait();
  expect(EventSet.format(seen)).toBe('OUT|ERROR|HANG_UP');
  expect(client.takeError()).toMatchObject({ code: 'ECONNREFUSED', fd: client.fd });
  expect(client.takeError()).toBeUndefined();
});

test('an fd that the process already has belongs to the object, and every method throws once it is closed', () => {
  const first = AnySocket.open({ family: AF_UNIX, type: SOCK_DGRAM });
  const second = AnySocket.adopt(dup(first.fd));
  first.close();
  const path = abstract();
  second.bind(toUnixSockaddr(path));
  expect(fromUnixSockaddr(second.localAddress)).toBe(path);
  second.close();
  expect(second.closed).toBe(true);
  for (const call of [
    () => second.bind(toUnixSockaddr(path)),
    () => second.connect(toUnixSockaddr(path)),
    () => second.listen(),
    () => second.accept(),
    () => second.shutdownWrite(),
    () => second.localAddress,
    () => second.send(new Uint8Array(1)),
    () => second.sendTo(toUnixSockaddr(path), new Uint8Array(1)),
    () => second.receive(new Uint8Array(1)),
    () => second.receiveFrom(new Uint8Array(1)),
    () => second.attachFilter(new Uint8Array(8)),
    () => second.getOption(SOL_SOCKET, SO_PEEK_OFF),
    () => second.setOption(SOL_SOCKET, SO_PEEK_OFF, 0),
  ]) {
    expect(raises(call).code).toBe('ERR_EM_CLOSED');
  }
});

test('an unknown family throws EAFNOSUPPORT, an unknown type ESOCKTNOSUPPORT', () => {
  expect(raises(() => AnySocket.open({ family: 0, type: SOCK_RAW }))).toMatchObject({
    code: 'EAFNOSUPPORT',
    syscall: 'socket',
  });
  expect(raises(() => AnySocket.open({ family: AF_UNIX, type: 4 })).code).toBe('ESOCKTNOSUPPORT');
});

test.each<[string, string, unknown[], string]>([
  ['an address that is text', 'bind', ['vcan0'], 'ERR_INVALID_ARG_TYPE'],
  ['no address', 'connect', [], 'ERR_INVALID_ARG_TYPE'],
  ['an address without a family', 'bind', [new Uint8Array(1)], 'ERR_OUT_OF_RANGE'],
  ['an address that is too long', 'connect', [new Uint8Array(129)], 'ERR_OUT_OF_RANGE'],
  ['an empty address', 'sendTo', [new Uint8Array(0), new Uint8Array(1)], 'ERR_OUT_OF_RANGE'],
  ['other bytes than a Uint8Array', 'sendTo', [new Uint16Array(8), new Uint8Array(1)], 'ERR_INVALID_ARG_TYPE'],
  ['no buffer', 'sendTo', [new Uint8Array(12)], 'ERR_INVALID_ARG_TYPE'],
  ['an offset past the end', 'send', [new Uint8Array(8), 9], 'ERR_OUT_OF_RANGE'],
  ['a length past the end', 'receive', [new Uint8Array(8), 4, 5], 'ERR_OUT_OF_RANGE'],
  ['a length past the end', 'receiveFrom', [new Uint8Array(8), 4, 5], 'ERR_OUT_OF_RANGE'],
  ['a negative backlog', 'listen', [-1], 'ERR_OUT_OF_RANGE'],
  ['a filter that is text', 'attachFilter', ['ip'], 'ERR_INVALID_ARG_TYPE'],
  ['a level by name', 'getOption', ['SOL_SOCKET', 1], 'ERR_INVALID_ARG_TYPE'],
  ['no option', 'getOption', [1], 'ERR_INVALID_ARG_TYPE'],
  ['an option beyond an int', 'getOptionBytes', [1, 2 ** 31, new Uint8Array(4)], 'ERR_OUT_OF_RANGE'],
  ['no room', 'getOptionBytes', [1, 7], 'ERR_INVALID_ARG_TYPE'],
  ['a value that is text', 'setOption', [1, 25, 'lo'], 'ERR_INVALID_ARG_TYPE'],
  ['a value beyond four bytes', 'setOption', [1, 7, 2 ** 32], 'ERR_OUT_OF_RANGE'],
  ['a value that is not an integer', 'setOption', [1, 7, 0.5], 'ERR_OUT_OF_RANGE'],
])('%s is refused by %s', (_, method, args, code) => {
  using socket = openNetlink();
  expect(raises(() => Reflect.apply(Reflect.get(socket, method), socket, args)).code).toBe(code);
});

test.each<[string, Partial<AnySocketOptions>, string]>([
  ['no family', { type: 3 }, 'ERR_INVALID_ARG_TYPE'],
  ['no type', { family: 16 }, 'ERR_INVALID_ARG_TYPE'],
  ['a protocol as text', { family: 16, type: 3, protocol: '0' as never }, 'ERR_INVALID_ARG_TYPE'],
  ['a negative family', { family: -1, type: 3 }, 'ERR_OUT_OF_RANGE'],
])('AnySocket.open() refuses %s', (_, options, code) => {
  expect(raises(() => AnySocket.open(options as AnySocketOptions)).code).toBe(code);
});

test('an invalid filter throws EINVAL: cut off, empty, too long, or without a return', () => {
  using socket = openNetlink();
  for (const instructions of [7, 0, 8 * 4097, 8]) {
    const error = raises(() => socket.attachFilter(new Uint8Array(instructions)));
    expect(error, String(instructions)).toMatchObject({ code: 'EINVAL', syscall: 'setsockopt', fd: socket.fd });
  }
});
