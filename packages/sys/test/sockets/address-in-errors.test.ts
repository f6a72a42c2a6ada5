import { expect, test } from 'vitest';
import { AnySocket, UdpSocket, UnixDatagram, UnixListener, UnixStream } from '../../src/index.js';
import { raises } from '../support/raises.js';

const { AF_INET, AF_UNIX, AF_NETLINK, SOCK_DGRAM } = AnySocket.constants;

test.each<[string, () => void, string]>([
  ['a path', () => UnixStream.connect({ path: '/nowhere' }), "ENOENT: no such file or directory, connect '/nowhere'"],
  ['a path to bind to', () => UnixDatagram.bind({ path: '/no/x' }), "ENOENT: no such file or directory, bind '/no/x'"],
  [
    'an abstract name, after an @',
    () => UnixStream.connect({ path: '\0em-nowhere' }),
    "ECONNREFUSED: connection refused, connect '@em-nowhere'",
  ],
  [
    'bytes that are not UTF-8',
    () => UnixListener.listen({ path: Buffer.of(0x2f, 0xff, 0x2f, 0x78) }),
    "ENOENT: no such file or directory, bind '/\ufffd/x'",
  ],
  [
    'an IPv6 address',
    () => UdpSocket.bind({ host: '2001:db8::1', port: 80 }),
    'EADDRNOTAVAIL: address not available, bind [2001:db8::1]:80',
  ],
])('a failed bind or connect names the address: %s', (_, call, message) => {
  expect(raises(call).message).toBe(message);
});

test.each<[string, number, Uint8Array, string]>([
  ['of another family', AF_NETLINK, Uint8Array.of(AF_NETLINK, 0), 'EINVAL: invalid argument, bind'],
  ['that is too short', AF_INET, Uint8Array.of(AF_INET, 0), 'EINVAL: invalid argument, bind'],
  ['of a unix socket without a name', AF_UNIX, Uint8Array.of(0, 0, 0), 'EINVAL: invalid argument, bind'],
])('a failed bind does not name an address %s', (_, family, sockaddr, message) => {
  using socket = AnySocket.open({ family, type: SOCK_DGRAM });
  expect(raises(() => socket.bind(sockaddr)).message).toBe(message);
});
