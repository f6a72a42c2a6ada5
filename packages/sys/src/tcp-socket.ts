import type { Binding } from './binding.js';
import { familyOf } from './socket-address.js';
import { checked } from './system-error.js';

/** Opens a TCP socket of the family of `sockaddr` and sets it up; one whose set-up throws is closed again. */
export function openTcpSocket(native: Binding, sockaddr: Uint8Array, setUp: (fd: number) => void): number {
  const { SOCK_STREAM, IPPROTO_TCP } = native.socketConstants;
  const fd = checked(native.socket(familyOf(sockaddr), SOCK_STREAM, IPPROTO_TCP), 'socket');
  try {
    setUp(fd);
  } catch (error) {
    native.close(fd);
    throw error;
  }
  return fd;
}
