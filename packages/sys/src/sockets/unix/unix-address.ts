import { isUint8Array } from 'node:util/types';
import { checkOptions, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../../addon/binding.js';
import { FAMILY_SIZE, newSockaddr, sockaddrOf } from '../sockaddr.js';

// struct sockaddr_un of <sys/un.h>: the family, then a path that a NUL ends, or an abstract name, which begins with a
// NUL and ends where the address ends.
const PATH_AT = FAMILY_SIZE;
const PATH_SIZE = 108;
const NUL = 0;

/** The address of a unix socket. */
export interface UnixAddress {
  /**
   * A path of 1 to 107 bytes, or an abstract name: a NUL (`'\0'`) and up to 107 bytes. An abstract name belongs to the
   * network namespace, has no permissions, and goes away with its socket. Pass text, or bytes if it is not UTF-8.
   */
  readonly path: string | Uint8Array;
}

/**
 * The path of a unix socket, or its abstract name, which begins with a NUL: text, or bytes if it is not UTF-8. You can
 * pass either wherever a path is asked for.
 */
export type UnixName = string | Buffer;

const REPLACEMENT = '\ufffd';

/**
 * Checks the options of a connect or bind, and writes their path in the form of the kernel.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
 */
export function sockaddrFrom(options: UnixAddress): Uint8Array {
  const { path } = checkOptions('options', options, ['path']);
  return toUnixSockaddr(path);
}

/**
 * Checks the path of a unix socket, and writes it in the form of the kernel.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is not a path or an abstract name.
 */
export function toUnixSockaddr(path: unknown): Uint8Array {
  if (typeof path !== 'string' && !isUint8Array(path)) {
    throw invalidType('path', 'a string or a Uint8Array', path);
  }
  // A copy, which no other code can change or resize.
  const bytes = typeof path === 'string' ? Buffer.from(path) : new Uint8Array(path);
  const isAbstract = bytes[0] === NUL;
  const end = isAbstract ? bytes.length : bytes.length + 1;
  const isCut = !isAbstract && bytes.includes(NUL);
  // A lone surrogate has no bytes of its own.
  const isAnother = typeof path === 'string' && bytes.toString() !== path;
  if (bytes.length === 0 || isCut || end > PATH_SIZE || isAnother) {
    throw outOfRange('path', 'a path of 1 to 107 bytes, or NUL and an abstract name of up to 107 bytes', path);
  }
  const sockaddr = newSockaddr(PATH_AT + end, binding().socketConstants.AF_UNIX);
  sockaddr.set(bytes, PATH_AT);
  return sockaddr;
}

/**
 * Returns the path or abstract name in an address; `undefined` if it has none. A name that is not UTF-8 stays bytes: as
 * text, it would be the name of another socket.
 */
export function fromUnixSockaddr(sockaddr: Uint8Array): UnixName | undefined {
  const padded = sockaddr.subarray(PATH_AT);
  const end = padded[0] === NUL ? -1 : padded.indexOf(NUL);
  const bytes = Buffer.from(end === -1 ? padded : padded.subarray(0, end));
  if (bytes.length === 0) {
    return undefined;
  }
  const text = bytes.toString();
  return text.includes(REPLACEMENT) && !Buffer.from(text).equals(bytes) ? bytes : text;
}

/** @throws SystemError `ENOTCONN` if there is no peer, `EBADF` if the fd is not open, `ENOTSOCK`. */
export function unixAddressOf(fd: number, call: 'getsockname' | 'getpeername'): UnixName | undefined {
  return fromUnixSockaddr(sockaddrOf(fd, call));
}
