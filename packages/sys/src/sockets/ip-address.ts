import { constants } from 'node:os';
import { checkInteger, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { LITTLE_ENDIAN } from '../addon/c-types.js';
import { systemError } from '../addon/system-error.js';
import { familyOf, newSockaddr, sockaddrOf } from './sockaddr.js';

/** The address of an IP socket, in the form that `node:net` uses. */
export interface SocketAddress {
  /**
   * The IP address: `'127.0.0.1'` or `'::1'`. A link-local address ends with the number of its network interface,
   * `'fe80::1%2'`, which `os.networkInterfaces()` returns as `scopeid`.
   */
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** 0 to 65535. */
  readonly port: number;
}

/** The sender or the receiver of a datagram. */
export interface UdpPeer extends SocketAddress {
  /**
   * The address of this machine that the peer sends to, and that answers leave from: `'192.0.2.7'`. Present only after
   * {@link UdpSocket.setPacketInfo}, and only if the peer sent to one machine: not to a multicast group or a broadcast
   * address.
   */
  readonly local?: string | undefined;
}

/**
 * ```text
 *   sockaddr_in    family │ port │ address (4) │ zero (8)
 *   sockaddr_in6   family │ port │ flow info (4) │ address (16) │ scope (4)
 *                     2       2
 * ```
 * The family and the scope are in the byte order of this machine, the port is in network byte order. The scope is the
 * network interface of a link-local address.
 */
export const LAYOUT = {
  IPv4: { size: 16, addressAt: 4, addressSize: 4 },
  IPv6: { size: 28, addressAt: 8, addressSize: 16 },
} as const;
/** The length of the longest sockaddr of IP, in bytes. The kernel ignores the bytes that follow a shorter one. */
export const MAX_IP_SOCKADDR: number = LAYOUT.IPv6.size;
const FAMILIES = ['IPv4', 'IPv6'] as const;
export const PORT_AT = 2;
const SCOPE_AT = 24;
/** A scope. Only a number is accepted: names of interfaces change. */
const ZONE = /%(?!0)(\d{1,10})$/;
const MAX_SCOPE = 0xffff_ffff;
const { EAFNOSUPPORT } = constants.errno;

/**
 * Checks a host and a port, and writes them in the form of the kernel.
 *
 * @param hostName - The name of the host in an error.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if the host is not an IP address, or the port
 * is not a port.
 */
export function toIpSockaddr(host: unknown, port: unknown, hostName: string = 'host'): Uint8Array {
  if (typeof host !== 'string') {
    throw invalidType(hostName, 'a string', host);
  }
  const family = host.includes(':') ? 'IPv6' : 'IPv4';
  const { size, addressAt, addressSize } = LAYOUT[family];
  const number = familyNumber(family);
  const sockaddr = newSockaddr(size, number);
  const view = new DataView(sockaddr.buffer);
  view.setUint16(PORT_AT, checkInteger('port', port, 0, 0xffff));
  const scope = family === 'IPv6' ? Number(ZONE.exec(host)?.[1] ?? 0) : 0;
  const hasScope = scope > 0 && scope <= MAX_SCOPE;
  if (hasScope) {
    view.setUint32(SCOPE_AT, scope, LITTLE_ENDIAN);
  }
  const text = hasScope ? host.replace(ZONE, '') : host;
  const address = sockaddr.subarray(addressAt, addressAt + addressSize);
  if (binding().inetPton(number, text, address) !== 1) {
    throw outOfRange(hostName, 'an IP address, with a zone only as a number; resolve names with node:dns first', host);
  }
  return sockaddr;
}

/**
 * Checks an IP address that has no zone, and writes it in the form of the kernel: 4 or 16 bytes.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is not such an address.
 */
export function toAddressBytes(address: unknown, name: string): Uint8Array {
  const sockaddr = toIpSockaddr(address, 0, name);
  if (String(address).includes('%')) {
    throw outOfRange(name, 'an IP address without a zone', address);
  }
  return addressIn(sockaddr);
}

/** `::ffff:0:0/96`, RFC 4291: how an IPv6 socket writes an IPv4 address. */
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/**
 * Checks an address of this machine to send from, and writes it in the form of the kernel. An IPv4 address that is
 * mapped into IPv6 becomes the 4 bytes of IPv4: the kernel ignores an address whose family is not that of the packet.
 *
 * @param to - The sockaddr of the destination.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is not an address, or not of the family
 * of the destination.
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

/** Returns the text of an IP address of 4 or 16 bytes. */
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
 * @throws SystemError `EAFNOSUPPORT` if it is not an IP address: the socket is of another family.
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

/** The bytes of the IP address in a sockaddr. */
function addressIn(sockaddr: Uint8Array): Uint8Array {
  const { addressAt, addressSize } = familyOf(sockaddr) === familyNumber('IPv6') ? LAYOUT.IPv6 : LAYOUT.IPv4;
  return sockaddr.subarray(addressAt, addressAt + addressSize);
}

function familyNumber(family: SocketAddress['family']): number {
  const { AF_INET, AF_INET6 } = binding().socketConstants;
  return family === 'IPv6' ? AF_INET6 : AF_INET;
}
