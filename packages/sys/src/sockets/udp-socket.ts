import { constants } from 'node:os';
import { checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { LITTLE_ENDIAN, MAX_INT } from '../addon/c-types.js';
import { systemError } from '../addon/system-error.js';
import { checkObject } from '../arguments/check-object.js';
import { DatagramSocket } from './datagram-socket.js';
import { type QueuedError, receiveError } from './error-queue.js';
import {
  fromAddressBytes,
  fromIpSockaddr,
  ipAddressOf,
  MAX_IP_SOCKADDR,
  type SocketAddress,
  toAddressBytes,
  toIpSockaddr,
  toLocalBytes,
} from './ip-address.js';
import { type Datagram, localSize, receiveFrom, sendTo } from './message.js';
import { openBound, openConnected } from './open-socket.js';
import { Socket } from './socket.js';
import { getOption, setBytes, setOption, toFlag } from './socket-option.js';
import type { ConnectOptions } from './tcp-stream.js';

/** Options of {@link UdpSocket.bind}. */
export interface UdpBindOptions {
  /** An IP address; `'0.0.0.0'` for all of IPv4, `'::'` for all, IPv4 included. Names are resolved by `node:dns`. */
  readonly host: string;
  /** 0 to 65535; 0 lets the kernel choose: {@link UdpSocket.localAddress} says which. */
  readonly port: number;
  /** Lets other sockets with this option bind there too: of a multicast or broadcast each gets its copy. */
  readonly reuseAddress?: boolean | undefined;
  /** Lets other sockets of this user with this option bind there too; the kernel shares out the datagrams by sender. */
  readonly reusePort?: boolean | undefined;
  /** Leaves IPv4 out, where the host is `'::'`. */
  readonly ipv6Only?: boolean | undefined;
}

/** Who sends a datagram, or is sent one. */
export interface UdpPeer extends SocketAddress {
  /**
   * The address of this machine that it sends to, and is answered from: `'192.0.2.7'`. Only of a socket that is told, by
   * {@link UdpSocket.setPacketInfo}.
   */
  readonly local?: string | undefined;
}

/** `ff00::/8`, RFC 4291: nothing is sent from a group. */
const MULTICAST = 0xff;
const IPV6_SIZE = 16;
const INTERFACE_INDEX_SIZE = 4;
/** The size of the address of the interface, which `struct ip_mreqn` has between the group and the interface index. */
const INTERFACE_ADDRESS_SIZE = 4;
const { EAFNOSUPPORT } = constants.errno;
// The address that was sent to, read before the next is received.
const room = new Uint8Array(IPV6_SIZE);

/**
 * A UDP socket, non-blocking: `IN` while a datagram is there, an empty one included, `OUT` while there is room.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/udp.7.html | udp(7)}
 */
export class UdpSocket extends DatagramSocket {
  // Of whom was heard last, as the kernel has it: an answer need not be put together from text again.
  readonly #lastSockaddr = new Uint8Array(MAX_IP_SOCKADDR);
  #lastAddress: string | undefined;
  #lastPort = 0;

  /** @param fd - A UDP socket; it belongs to this object from now on. */
  constructor(fd: number) {
    super(fd);
  }

  /**
   * Makes one that others can send to.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EADDRINUSE`, `EACCES` (a port below 1024 without the right to it), `EADDRNOTAVAIL`, `EMFILE`,
   * `ENFILE`.
   */
  static override bind(options: UdpBindOptions): UdpSocket {
    const { host, port, reuseAddress = false, reusePort = false, ipv6Only = false } = checkObject('options', options);
    const sharing = { reuseAddress, reusePort, ipv6Only };
    return new UdpSocket(openBound('SOCK_DGRAM', toIpSockaddr(host, port), sharing));
  }

  /**
   * Makes one that sends to one peer and hears of that one alone, at a port that the kernel chooses. Nothing is sent yet.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `ENETUNREACH`, `EACCES` (a broadcast address), `EMFILE`, `ENFILE`.
   */
  static connect(options: ConnectOptions): UdpSocket {
    const { host, port } = checkObject('options', options);
    return new UdpSocket(openConnected('SOCK_DGRAM', toIpSockaddr(host, port)));
  }

  /** Where this end is. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get localAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getsockname');
  }

  /** Where the peer is. @throws SystemError `ENOTCONN` if not connected; EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get remoteAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getpeername');
  }

  /**
   * Sends one datagram, which may be empty, such as an answer to what {@link UdpSocket.receiveFrom} says it is `from`.
   *
   * @param to - With an address of this machine as `local`, it leaves from there; otherwise the kernel chooses. `local` is
   * of the same family as `address`; an IPv4 address mapped into IPv6 (`'::ffff:127.0.0.1'`) counts as IPv4.
   * @param length - So many bytes; to the end of the buffer if not given.
   * @returns How many bytes, all of them; `undefined` if it would block: nothing was sent.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EMSGSIZE` if it is longer than 65,507 bytes, `ENETUNREACH`, `EHOSTUNREACH`, `EACCES` (a broadcast
   * address without {@link UdpSocket.setBroadcast}), `EAFNOSUPPORT` (an IPv6 address from an IPv4 socket), `EINVAL`
   * (port 0, or a link-local address, which has no zone here unless it was heard of last), `EINVAL`, `ENETUNREACH`,
   * `EADDRNOTAVAIL` (a `local` that is none of this machine); EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  sendTo(
    to: Pick<UdpPeer, 'address' | 'port' | 'local'>,
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
  ): number | undefined {
    const { address, port, local } = checkObject('to', to);
    const isLast = this.#lastAddress !== undefined && address === this.#lastAddress && port === this.#lastPort;
    const sockaddr = isLast ? this.#lastSockaddr : toIpSockaddr(address, port, 'address');
    const from = local === undefined ? undefined : toLocalBytes(local, sockaddr);
    return sendTo(this, sockaddr, buffer, offset, length, from);
  }

  /**
   * Receives one datagram and the address of its sender.
   *
   * @param length - At most so many bytes; to the end of the buffer if not given.
   * @param flags - `MSG_PEEK` to leave it where it is, `MSG_OOB` for urgent data, which `PRIORITY` reports; both are in
   * {@link Socket.constants}. 0 if not given.
   * @returns `undefined` if none is there: it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNREFUSED` if the peer of a connected socket has no such port: receiving goes on;
   * EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  receiveFrom(
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
    flags: number = 0,
  ): Datagram<UdpPeer> | undefined {
    return receiveFrom(this, buffer, offset, length, (sockaddr) => this.#toPeer(sockaddr), flags, room);
  }

  /**
   * Takes an entry of the error queue: why a datagram did not arrive. The kernel keeps the queue once it is asked to, by the
   * options IP_RECVERR and, for an IPv6 socket, IPV6_RECVERR as well. The socket reports `ERROR`, in every wait and even
   * without any interest, until the queue is empty: call this until it returns `undefined`.
   *
   * @param buffer - For the bytes of the datagram; it may be empty.
   * @param length - At most so many bytes; to the end of the buffer if not given.
   * @returns `undefined` if the queue is empty.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EOPNOTSUPP` if it is no IP socket; EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @see {@link https://man7.org/linux/man-pages/man7/ip.7.html | ip(7)}
   *
   * @example Report each datagram that was refused
   * ```ts
   * const { IPPROTO_IP, IP_RECVERR } = Socket.constants;
   * socket.setOption(IPPROTO_IP, IP_RECVERR, 1);
   * manager.add(socket, EventSet.IN, (events) => {
   *   if (events & EventSet.ERROR) {
   *     for (let failed = socket.receiveError(buffer); failed; failed = socket.receiveError(buffer)) {
   *       console.log(failed.error.code, failed.to);
   *     }
   *   }
   * });
   * ```
   */
  receiveError(buffer: Uint8Array, offset: number = 0, length?: number): QueuedError<SocketAddress> | undefined {
    return receiveError(this, buffer, offset, length, fromIpSockaddr);
  }

  #toPeer(sockaddr: Uint8Array): UdpPeer {
    const from = fromIpSockaddr(sockaddr);
    this.#lastSockaddr.set(sockaddr);
    this.#lastAddress = from.address;
    this.#lastPort = from.port;
    const size = localSize();
    return size === 0 || (size === IPV6_SIZE && room[0] === MULTICAST)
      ? from
      : { ...from, local: fromAddressBytes(room.subarray(0, size)) };
  }

  /**
   * Has what is received from now on tell which address of this machine it was sent to, as `from.local` (IP_PKTINFO,
   * IPV6_RECVPKTINFO), so that an answer to `from` leaves from there. A socket that is bound to all addresses needs it: a
   * client does not take an answer from another address than it has asked.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `packetInfo` is no boolean.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @see {@link https://man7.org/linux/man-pages/man7/ip.7.html | ip(7)}
   */
  setPacketInfo(packetInfo: boolean): void {
    const flag = toFlag('packetInfo', packetInfo);
    setOption(this.fd, 'IPPROTO_IP', 'IP_PKTINFO', flag);
    if (isIpv6(this.fd)) {
      setOption(this.fd, 'IPPROTO_IPV6', 'IPV6_RECVPKTINFO', flag);
    }
  }

  /**
   * Receives what is sent to a multicast group (IP_ADD_MEMBERSHIP, IPV6_ADD_MEMBERSHIP), at the port that the socket is
   * bound to; to receive nothing else, bind it to the address of the group.
   *
   * @param group - The IP address of the group.
   * @param interfaceIndex - The number of the network interface to join it on, as in `/sys/class/net/eth0/ifindex`; 0,
   * the default, is the one that the route to the group leads to.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EINVAL` if it is no multicast address, `ENODEV` if there is no such interface or route,
   * `EADDRINUSE` if it has joined already, `ENOPROTOOPT` for an IPv6 group and an IPv4 socket, `EAFNOSUPPORT` for an IPv4
   * group and a socket with `ipv6Only`, `ENOBUFS` if it is in too many groups; EventManagerError `ERR_EM_CLOSED` if it is closed.
   * @see {@link https://man7.org/linux/man-pages/man7/ip.7.html | ip(7)}
   */
  joinMulticast(group: string, interfaceIndex: number = 0): void {
    setMembership(this.fd, 'ADD', group, interfaceIndex);
  }

  /**
   * Leaves a multicast group; closing the socket leaves all of them.
   *
   * @param group - As it was joined.
   * @param interfaceIndex - As it was joined.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EADDRNOTAVAIL` if it is not in that group; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  leaveMulticast(group: string, interfaceIndex: number = 0): void {
    setMembership(this.fd, 'DROP', group, interfaceIndex);
  }

  /**
   * Allows to send to broadcast addresses (SO_BROADCAST).
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `broadcast` is no boolean.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  setBroadcast(broadcast: boolean): void {
    setOption(this.fd, 'SOL_SOCKET', 'SO_BROADCAST', toFlag('broadcast', broadcast));
  }
}

/** Joins or leaves a multicast group on an interface. Interface 0 is the one that the route to the group leads to. */
function setMembership(fd: number, change: 'ADD' | 'DROP', group: unknown, interfaceIndex: unknown): void {
  const address = toAddressBytes(group, 'group');
  const index = checkInteger('interfaceIndex', interfaceIndex, 0, MAX_INT);
  const isIpv4 = address.length !== IPV6_SIZE;
  // struct ip_mreqn: group (4), address (4), interface (4). struct ipv6_mreq: group (16), interface (4).
  const indexAt = address.length + (isIpv4 ? INTERFACE_ADDRESS_SIZE : 0);
  const membership = new Uint8Array(indexAt + INTERFACE_INDEX_SIZE);
  membership.set(address);
  new DataView(membership.buffer).setInt32(indexAt, index, LITTLE_ENDIAN);
  // The kernel would let an IPv6-only socket join an IPv4 group, but the socket would never receive anything.
  if (isIpv4 && change === 'ADD' && isIpv6(fd) && getOption(fd, 'IPPROTO_IPV6', 'IPV6_V6ONLY') !== 0) {
    throw systemError(-EAFNOSUPPORT, 'setsockopt', fd);
  }
  const protocol = isIpv4 ? 'IP' : 'IPV6';
  const { socketConstants } = binding();
  setBytes(fd, socketConstants[`IPPROTO_${protocol}`], socketConstants[`${protocol}_${change}_MEMBERSHIP`], membership);
}

function isIpv6(fd: number): boolean {
  return getOption(fd, 'SOL_SOCKET', 'SO_DOMAIN') === binding().socketConstants.AF_INET6;
}
