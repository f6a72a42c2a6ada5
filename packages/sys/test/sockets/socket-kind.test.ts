import { expect, test } from 'vitest';
import {
  EventFd,
  type OwnedFd,
  socketKind,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixSeqpacket,
  UnixStream,
} from '../../src/index.js';
import { raises } from '../support/raises.js';
import { abstract } from '../support/unix-places.js';

test.each<[string, () => OwnedFd, object]>([
  [
    'a TCP listener',
    () => TcpListener.listen({ host: '127.0.0.1', port: 0 }),
    { family: 'IPv4', type: 'stream', listening: true },
  ],
  [
    'a UDP socket',
    () => UdpSocket.bind({ host: '::1', port: 0 }),
    { family: 'IPv6', type: 'datagram', listening: false },
  ],
  [
    'a unix listener',
    () => UnixListener.listen({ path: abstract() }),
    { family: 'unix', type: 'stream', listening: true },
  ],
  [
    'a unix datagram socket',
    () => UnixDatagram.bind({ path: abstract() }),
    { family: 'unix', type: 'datagram', listening: false },
  ],
])('socketKind() distinguishes %s from the others', (_, open, kind) => {
  using socket = open();
  expect(socketKind(socket.fd)).toEqual(kind);
});

test('socketKind() distinguishes a connection from a listener', () => {
  using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
  using stream = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
  expect(socketKind(stream.fd)).toEqual({ family: 'IPv4', type: 'stream', listening: false });
});

test('socketKind() distinguishes the types of unix sockets', () => {
  for (const [type, [one, other]] of [
    ['stream', UnixStream.pair()],
    ['seqpacket', UnixSeqpacket.pair()],
    ['datagram', UnixDatagram.pair()],
  ] as const) {
    expect(socketKind(one.fd)).toEqual({ family: 'unix', type, listening: false });
    one.close();
    other.close();
  }
});

test('socketKind() throws for a file that is not a socket, a closed fd, and a value that is not an fd', () => {
  const eventFd = new EventFd();
  const { fd } = eventFd;
  expect(raises(() => socketKind(fd))).toMatchObject({ code: 'ENOTSOCK', syscall: 'getsockopt', fd });
  eventFd.close();
  expect(raises(() => socketKind(fd)).code).toBe('EBADF');
  expect(raises(() => socketKind(-1)).code).toBe('ERR_OUT_OF_RANGE');
  expect(raises(() => Reflect.apply(socketKind, undefined, ['3'])).code).toBe('ERR_INVALID_ARG_TYPE');
});
