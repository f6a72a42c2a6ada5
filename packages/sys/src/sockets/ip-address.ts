import { isIP } from 'node:net';
import { constants } from 'node:os';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { LITTLE_ENDIAN } from '../addon/c-types.js';
import { systemError } from '../addon/system-error.js';
import { familyOf, newSockaddr, sockaddrOf } from './sockaddr.js';

/** Where an IP socket is, in the form that `node:net` uses. */
export interface SocketAddress {
  /**
   * The IP address: `'127.0.0.1'`, `'::1'`, and for a link-local one with the number of its network interface,
   * `'fe80::1%2'`, which `os.networkInterfaces()` has as `scopeid`.
   */
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
 * Family and scope are in the machine's byte order, the port in the network's. The scope is the network interface that a
 * link-local address is of.
 */
const LAYOUT = {
  IPv4: { size: 16, addressAt: 4, addressSize: 4 },
  IPv6: { size: 28, addressAt: 8, addressSize: 16 },
} as const;
/** How many bytes an IP address and its port take at most. The kernel takes no notice of those beyond. */
export const MAX_IP_SOCKADDR: number = LAYOUT.IPv6.size;
const FAMILIES = ['IPv4', 'IPv6'] as const;
const PORT_AT = 2;
const SCOPE_AT = 24;
/** A scope, which is a number here: names of interfaces change. */
const ZONE = /%(?!0)(\d{1,10})$/;
const MAX_SCOPE = 0xffff_ffff;
const { EAFNOSUPPORT } = constants.errno;

/**
 * Checks a host and a port, and writes them as the kernel wants them.
 *
 * @param hostName - What the host is called in an error.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if the host is no IP address or the port none.
 */
export function toIpSockaddr(host: unknown, port: unknown, hostName: string = 'host'): Uint8Array {
  if (typeof host !== 'string') {
    throw invalidType(hostName, 'a string', host);
  }
  const family = isIP(host) === 6 ? 'IPv6' : 'IPv4';
  const { size, addressAt, addressSize } = LAYOUT[family];
  const number = familyNumber(family);
  const sockaddr = newSockaddr(size, number);
  const view = new DataView(sockaddr.buffer);
  view.setUint16(PORT_AT, checkInteger('port', port, 0, 0xffff));
  const scope = family === 'IPv6' ? Number(ZONE.exec(host)?.[1] ?? 0) : 0;
  if (scope > 0 && scope <= MAX_SCOPE) {
    view.setUint32(SCOPE_AT, scope, LITTLE_ENDIAN);
  }
  const text = scope <= MAX_SCOPE ? host.replace(ZONE, '') : host;
  const address = sockaddr.subarray(addressAt, addressAt + addressSize);
  // isIP allows a zone by name (`fe80::1%eth0`), inet_pton none.
  if (isIP(host) === 0 || binding().inetPton(number, text, address) !== 1) {
    throw outOfRange(hostName, 'an IP address, its zone if any a number; resolve names by node:dns first', host);
  }
  return sockaddr;
}

/**
 * Checks an IP address without a zone, and writes it as the kernel wants it: 4 or 16 bytes.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is none.
 */
export function toAddressBytes(address: unknown, name: string): Uint8Array {
  const sockaddr = toIpSockaddr(address, 0, name);
  if (String(address).includes('%')) {
    throw outOfRange(name, 'an IP address without a zone', address);
  }
  return addressIn(sockaddr);
}

/** `::ffff:0:0/96`, RFC 4291: an IPv4 address, as an IPv6 socket has it. */
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/**
 * Checks an address of this machine to send from, and writes it as the kernel wants it: the 4 bytes of IPv4 for one that
 * is mapped into IPv6, too. The kernel ignores one that is of another family than the packet.
 *
 * @param to - Where to, as `toIpSockaddr` has written it or the kernel.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is no address, or of another family.
 */
export function toLocalBytes(local: unknown, to: Uint8Array): Uint8Array {
  const from = unmapped(toAddressBytes(local, 'local'));
  if (from.length !== unmapped(addressIn(to)).length) {
    throw outOfRange('local', 'an address of the same family as "address", IPv4 or IPv6', local);
  }
  return from;
}

function unmapped(address: Uint8Array): Uint8Array {
  const isMapped = address.length === LAYOUT.IPv6.addressSize && MAPPED.every((byte, at) => address[at] === byte);
  return isMapped ? address.subarray(MAPPED.length) : address;
}

/** The text of an IP address of 4 or 16 bytes. */
export function fromAddressBytes(address: Uint8Array): string {
  const family = address.length === LAYOUT.IPv6.addressSize ? 'IPv6' : 'IPv4';
  return String(binding().inetNtop(familyNumber(family), address));
}

/** @throws SystemError `ENOTCONN` if there is no peer, `EBADF` if the fd is not open, `ENOTSOCK`. */
export function ipAddressOf(fd: number, call: 'getsockname' | 'getpeername'): SocketAddress {
  return fromIpSockaddr(sockaddrOf(fd, call));
}

/**
 * Reads an address that the kernel has written.
 *
 * @throws SystemError `EAFNOSUPPORT` if it is no IP address: the socket is of another family.
 */
export function fromIpSockaddr(sockaddr: Uint8Array): SocketAddress {
  const view = new DataView(sockaddr.buffer, sockaddr.byteOffset, sockaddr.byteLength);
  const number = familyOf(sockaddr);
  const family = FAMILIES.find((name) => familyNumber(name) === number);
  if (family === undefined || view.byteLength < LAYOUT[family].size) {
    throw systemError(-EAFNOSUPPORT, 'inet_ntop');
  }
  const address = fromAddressBytes(addressIn(sockaddr));
  const scope = family === 'IPv6' ? view.getUint32(SCOPE_AT, LITTLE_ENDIAN) : 0;
  return { address: scope === 0 ? address : `${address}%${scope}`, family, port: view.getUint16(PORT_AT) };
}

/** The part of an address that is the IP address. */
function addressIn(sockaddr: Uint8Array): Uint8Array {
  const { addressAt, addressSize } = familyOf(sockaddr) === familyNumber('IPv6') ? LAYOUT.IPv6 : LAYOUT.IPv4;
  return sockaddr.subarray(addressAt, addressAt + addressSize);
}

function familyNumber(family: SocketAddress['family']): number {
  const { AF_INET, AF_INET6 } = binding().socketConstants;
  return family === 'IPv6' ? AF_INET6 : AF_INET;
}
