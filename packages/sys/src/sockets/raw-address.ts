import { outOfRange } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { byteLengthOf, checkBytes } from '../arguments/slice.js';

/** As long as an address can be: the size of `struct sockaddr_storage`. */
export const MAX_SOCKADDR = 128;
/** Every address begins with its family. */
const FAMILY_SIZE = 2;

/**
 * Checks that a value can be an address.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot.
 */
export function checkSockaddr(sockaddr: unknown): Uint8Array {
  const bytes = checkBytes('sockaddr', sockaddr);
  const size = byteLengthOf(bytes);
  if (size < FAMILY_SIZE || size > MAX_SOCKADDR) {
    throw outOfRange('sockaddr', `an address of ${FAMILY_SIZE} to ${MAX_SOCKADDR} bytes`, sockaddr);
  }
  return bytes;
}

/** Calls that say where a socket is. */
export type AddressCall = 'getsockname' | 'getpeername';

/** @throws SystemError `ENOTCONN` if there is no peer, `EBADF` if the fd is not open, `ENOTSOCK`. */
export function sockaddrOf(fd: number, call: AddressCall): Uint8Array {
  const sockaddr = new Uint8Array(MAX_SOCKADDR);
  const size = checked(binding()[call](fd, sockaddr), call, fd);
  return sockaddr.slice(0, size);
}
