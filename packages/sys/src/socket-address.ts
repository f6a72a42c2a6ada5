import { isIP } from 'node:net';
import { endianness } from 'node:os';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import type { Binding } from './binding.js';
import { checked } from './system-error.js';

/** Where an IP socket is, in the form that `node:net` uses. */
export interface SocketAddress {
  /** The IP address: `'127.0.0.1'`, `'::1'`. */
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * ```text
 *   sockaddr_in    family │ port │ address (4) │ zero (8)
 *   sockaddr_in6   family │ port │ flow info (4) │ address (16) │ scope (4)
 *                     2       2
 * ```
 * The family is in the machine's byte order, the port in the network's.
 */
const LAYOUT = {
  IPv4: { size: 16, addressAt: 4, addressSize: 4 },
  IPv6: { size: 28, addressAt: 8, addressSize: 16 },
} as const;
const PORT_AT = 2;
const LITTLE_ENDIAN = endianness() === 'LE';

/** Calls that say where a socket is. */
type AddressCall = 'getsockname' | 'getpeername';

/**
 * Checks a host and a port, and writes them as the kernel wants them.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if the host is no IP address or the port none.
 */
export function toSockaddr(native: Binding, host: unknown, port: unknown): Uint8Array {
  if (typeof host !== 'string') {
    throw invalidType('host', 'a string', host);
  }
  const family = isIP(host) === 6 ? 'IPv6' : 'IPv4';
  const { size, addressAt, addressSize } = LAYOUT[family];
  const sockaddr = new Uint8Array(size);
  const view = new DataView(sockaddr.buffer);
  const number = familyNumber(native, family);
  view.setUint16(0, number, LITTLE_ENDIAN);
  view.setUint16(PORT_AT, checkInteger('port', port, 0, 0xffff));
  const address = sockaddr.subarray(addressAt, addressAt + addressSize);
  // isIP allows a zone (`fe80::1%eth0`), inet_pton does not.
  if (isIP(host) === 0 || native.inetPton(number, host, address) !== 1) {
    throw outOfRange('host', 'an IP address without a zone; resolve names by node:dns first', host);
  }
  return sockaddr;
}

/** The number of the family of a sockaddr. */
export function familyOf(sockaddr: Uint8Array): number {
  return new DataView(sockaddr.buffer).getUint16(0, LITTLE_ENDIAN);
}

/** @throws SystemError `ENOTCONN` if there is no peer, `EBADF` if the fd is not open, `ENOTSOCK`. */
export function addressOf(native: Binding, fd: number, call: AddressCall): SocketAddress {
  const sockaddr = new Uint8Array(LAYOUT.IPv6.size);
  checked(native[call](fd, sockaddr), call, fd);
  const number = familyOf(sockaddr);
  const family = number === familyNumber(native, 'IPv6') ? 'IPv6' : 'IPv4';
  const { addressAt, addressSize } = LAYOUT[family];
  const address = native.inetNtop(number, sockaddr.subarray(addressAt, addressAt + addressSize));
  const port = new DataView(sockaddr.buffer).getUint16(PORT_AT);
  return { address: String(address), family, port };
}

function familyNumber(native: Binding, family: SocketAddress['family']): number {
  const { AF_INET, AF_INET6 } = native.socketConstants;
  return family === 'IPv6' ? AF_INET6 : AF_INET;
}
