import { endianness } from 'node:os';
import { invalidType, outOfRange } from '@em/core/check';
import { binding } from '../../native/binding.js';
import { type AddressCall, sockaddrOf } from '../raw-address.js';

// struct sockaddr_un of <sys/un.h>: the family in the machine's byte order (2), then the path, which a NUL ends, or an
// abstract name, which begins with a NUL and ends where the address ends.
const PATH_AT = 2;
const PATH_SIZE = 108;
const LITTLE_ENDIAN = endianness() === 'LE';
const NUL = 0;

/**
 * Checks the path of a unix socket, and writes it as the kernel wants it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is none.
 */
export function toUnixSockaddr(path: unknown): Uint8Array {
  if (typeof path !== 'string') {
    throw invalidType('path', 'a string', path);
  }
  const bytes = Buffer.from(path);
  const isAbstract = path.startsWith('\0');
  const end = isAbstract ? bytes.length : bytes.length + 1;
  const isCut = !isAbstract && path.includes('\0');
  if (path === '' || isCut || end > PATH_SIZE || bytes.toString() !== path) {
    throw outOfRange('path', 'a path of 1 to 107 bytes, or NUL and an abstract name of up to 107 bytes', path);
  }
  const sockaddr = new Uint8Array(PATH_AT + end);
  new DataView(sockaddr.buffer).setUint16(0, binding().socketConstants.AF_UNIX, LITTLE_ENDIAN);
  sockaddr.set(bytes, PATH_AT);
  return sockaddr;
}

/** The path or abstract name of an address, `undefined` for a socket without one. */
export function fromUnixSockaddr(sockaddr: Uint8Array): string | undefined {
  const bytes = sockaddr.subarray(PATH_AT);
  const end = bytes[0] === NUL ? -1 : bytes.indexOf(NUL);
  return bytes.length === 0 ? undefined : Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString();
}

/** @throws SystemError `ENOTCONN` if there is no peer, `EBADF` if the fd is not open, `ENOTSOCK`. */
export function unixAddressOf(fd: number, call: AddressCall): string | undefined {
  return fromUnixSockaddr(sockaddrOf(fd, call));
}
