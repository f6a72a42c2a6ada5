import { expect, test } from 'vitest';
import { AnySocket, Socket, UdpSocket } from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

expectNoFilesLeftOpen();

const { AF_UNIX, SOCK_DGRAM, SOL_SOCKET } = Socket.constants;
/** Of <asm-generic/socket.h>. */
const SO_PEEK_OFF = 42;

test('a negative value is a value, and no errno', () => {
  using socket = AnySocket.open({ family: AF_UNIX, type: SOCK_DGRAM });
  for (const value of [5, -1, 0]) {
    socket.setOption(SOL_SOCKET, SO_PEEK_OFF, value);
    expect(socket.getOption(SOL_SOCKET, SO_PEEK_OFF)).toBe(value);
  }
});

test('of one that has no value, nothing of the one before is got', () => {
  const SO_BINDTODEVICE = 25;
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  expect(socket.getOption(SOL_SOCKET, Socket.constants.SO_RCVBUF)).toBeGreaterThan(0);
  expect(socket.getOption(SOL_SOCKET, SO_BINDTODEVICE)).toBe(0);
});

test('one that there is not is ENOPROTOOPT', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const error = { code: 'ENOPROTOOPT', fd: socket.fd };
  expect(raises(() => socket.getOption(SOL_SOCKET, 9999))).toMatchObject({ ...error, syscall: 'getsockopt' });
  expect(raises(() => socket.setOption(SOL_SOCKET, 9999, 0))).toMatchObject({ ...error, syscall: 'setsockopt' });
});

test('no more is filled than there is room for', () => {
  using socket = UdpSocket.bind({ host: '127.0.0.1', port: 0 });
  const bytes = new Uint8Array(8).fill(7);
  expect(socket.getOptionBytes(SOL_SOCKET, Socket.constants.SO_RCVBUF, bytes.subarray(2, 4))).toBe(2);
  expect([bytes[1], bytes[4]]).toEqual([7, 7]);
  expect(socket.getOptionBytes(SOL_SOCKET, Socket.constants.SO_RCVBUF, new Uint8Array(0))).toBe(0);
});

test('constants cannot be changed', () => {
  expect(Object.isFrozen(Socket.constants)).toBe(true);
});
