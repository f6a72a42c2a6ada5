import { binding } from '../addon/binding.js';
import { LITTLE_ENDIAN } from '../addon/c-types.js';
import { checked } from '../addon/system-error.js';

/** The length of the longest address, in bytes: the size of `struct sockaddr_storage`. */
export const MAX_SOCKADDR = 128;
/** Every address begins with its family: two bytes, in the byte order of this machine. */
export const FAMILY_SIZE = 2;
const LOW_AT = LITTLE_ENDIAN ? 0 : 1;
const HIGH_AT = LITTLE_ENDIAN ? 1 : 0;

/** The number of the family of an address, such as AF_INET. An address without bytes has 0, which is AF_UNSPEC. */
export function familyOf(sockaddr: Uint8Array): number {
  return (sockaddr[LOW_AT] ?? 0) | ((sockaddr[HIGH_AT] ?? 0) << 8);
}

/** Makes an address that has its family, and zeros for the rest. */
export function newSockaddr(size: number, family: number): Uint8Array {
  const sockaddr = new Uint8Array(size);
  sockaddr[LOW_AT] = family;
  sockaddr[HIGH_AT] = family >> 8;
  return sockaddr;
}

/**
 * The address of this end of a socket (`getsockname`), or of the other end (`getpeername`).
 *
 * @throws SystemError `ENOTCONN` if there is no peer, `EBADF` if the fd is not open, `ENOTSOCK`.
 */
export function sockaddrOf(fd: number, call: 'getsockname' | 'getpeername'): Uint8Array {
  const sockaddr = new Uint8Array(MAX_SOCKADDR);
  const size = checked(binding()[call](fd, sockaddr), call, fd);
  return sockaddr.slice(0, size);
}
