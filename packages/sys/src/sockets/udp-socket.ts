import { constants } from 'node:os';
import { checkBoolean, checkInteger, checkObject, checkOptions } from '@em/core/check';
import { type Binding, binding } from '../addon/binding.js';
import { LITTLE_ENDIAN, MAX_INT } from '../addon/c-types.js';
import { checked, checkedUnlessBlocked, systemError } from '../addon/system-error.js';
import { CheckedFd, fdObject } from '../fds/owned-fd.js';
import { checkBatch } from './batch/datagram-batch.js';
import { SegmentSender, setCoalescing } from './batch/segments.js';
import { checkEntries, receiveMany } from './batch/transfer.js';
import { UdpBatch } from './batch/udp-batch.js';
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
  type UdpPeer,
} from './ip-address.js';
import { type Datagram, localSize, receiveFrom, sendTo } from './message.js';
import { openBound, openConnected } from './open-socket.js';
import { Socket } from './socket.js';
import { adoptSocket } from './socket-kind.js';
import { getOption, setBytes, setFlag } from './socket-option.js';
import type { ConnectOptions } from './tcp-stream.js';

/** Options of {@link UdpSocket.bind}. */
export interface UdpBindOptions {
  /** An IP address: `'0.0.0.0'` for all of IPv4, `'::'` for all, IPv4 included. Resolve names with `node:dns`. */
  readonly host: string;
  /** 0 to 65535. With 0, the kernel chooses a port: see {@link UdpSocket.localAddress}. */
  readonly port: number;
  /**
   * Lets several sockets bind to this address, if all set this option. Each receives a copy of every multicast and
   * broadcast.
   */
  readonly reuseAddress?: boolean | undefined;
  /**
   * Lets several sockets of one user bind to this address, if all set this option. The kernel distributes the datagrams
   * among them by sender.
   */
  readonly reusePort?: boolean | undefined;
  /** Excludes IPv4 if the host is `'::'`. */
  readonly ipv6Only?: boolean | undefined;
}

const IPV6_SIZE = 16;
const INTERFACE_INDEX_SIZE = 4;
/** The size of the address of the interface, which `struct ip_mreqn` has between the group and the interface index. */
const INTERFACE_ADDRESS_SIZE = 4;
const { EAFNOSUPPORT, ENOPROTOOPT } = constants.errno;
// The local address of the last datagram, read before the next is received.
const room = new Uint8Array(IPV6_SIZE);

/**
 * A non-blocking UDP socket. It reports `IN` while a datagram is there, even an empty one, and `OUT` while there is
 * room.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/udp.7.html | udp(7)}
 */
export class UdpSocket extends DatagramSocket {
  readonly #native: Binding = binding();
  readonly #segmentSender = new SegmentSender(this.#native);
  // The last sender in the form of the kernel, so that an answer need not parse the address again.
  readonly #lastSockaddr = new Uint8Array(MAX_IP_SOCKADDR);
  #lastAddress: string | undefined;
  #lastPort = 0;

  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /** Takes over the fd of an existing UDP socket: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): UdpSocket {
    return adoptSocket(UdpSocket, fd, 'a UDP socket');
  }

  /**
   * Binds a socket, so that others can send to it.
   *
   * @throws SystemError `EADDRINUSE`, `EACCES` (a port below 1024 without the right to it), `EADDRNOTAVAIL`, `EMFILE`,
   * `ENFILE`.
   */
  static override bind(options: UdpBindOptions): UdpSocket {
    const {
      host,
      port,
      reuseAddress = false,
      reusePort = false,
      ipv6Only = false,
    } = checkOptions('options', options, ['host', 'port', 'reuseAddress', 'reusePort', 'ipv6Only']);
    const sharing = {
      reuseAddress: checkBoolean('reuseAddress', reuseAddress),
      reusePort: checkBoolean('reusePort', reusePort),
      ipv6Only: checkBoolean('ipv6Only', ipv6Only),
    };
    return fdObject(UdpSocket, openBound('SOCK_DGRAM', toIpSockaddr(host, port), sharing));
  }

  /**
   * Connects a socket to one peer: it sends to this peer and receives only from it, at a port that the kernel chooses.
   * Connecting sends nothing.
   *
   * @throws SystemError `ENETUNREACH`, `EACCES` (a broadcast address), `EMFILE`, `ENFILE`.
   */
  static connect(options: ConnectOptions): UdpSocket {
    const { host, port } = checkOptions('options', options, ['host', 'port']);
    return fdObject(UdpSocket, openConnected('SOCK_DGRAM', toIpSockaddr(host, port)));
  }

  /** The address of this end. */
  get localAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getsockname');
  }

  /** The address of the peer. @throws SystemError `ENOTCONN` if the socket is not connected. */
  get remoteAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getpeername');
  }

  /**
   * Sends one datagram, which may be empty. To answer, pass the `from` of {@link UdpSocket.receiveFrom}.
   *
   * @param to - With `local`, an address of this machine, the datagram leaves from there; otherwise the kernel chooses.
   * `local` must be of the same family as `address`; an IPv4 address that is mapped into IPv6 (`'::ffff:127.0.0.1'`)
   * counts as IPv4.
   * @param length - Number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes, always `length`; `undefined` if it would block: nothing was sent.
   * @throws SystemError `EMSGSIZE` if it is longer than 65,507 bytes; `ENETUNREACH`, `EHOSTUNREACH`; `EACCES` for a
   * broadcast address without {@link UdpSocket.setBroadcast}; `EAFNOSUPPORT` for an IPv6 address from an IPv4 socket;
   * `EINVAL` for port 0, or for a link-local address without a zone that is not the last sender; `EINVAL`,
   * `ENETUNREACH`, `EADDRNOTAVAIL` if `local` is not an address of this machine.
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
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` leaves the data in place. `MSG_OOB` receives urgent data, which `PRIORITY` reports. Both
   * are in {@link Socket.constants}. Defaults to 0.
   * @returns `undefined` if there is no datagram: it would block.
   * @throws SystemError `ECONNREFUSED` if the peer of a connected socket does not listen at the port. You can go on
   * receiving.
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
   * Receives as many datagrams as there are, in one system call. The entries of the batch from 0 on get the datagrams,
   * their senders, and, after {@link UdpSocket.setPacketInfo}, the addresses of this machine that they were sent to.
   *
   * @param count - Maximum number of datagrams, from 1 to the capacity of the batch, which is the default. A small number
   * costs less if few datagrams are there.
   * @returns The number of entries that have a datagram now; `undefined` if no datagram is there: it would block. With
   * fewer than `count`, all or nearly all have been received. An `EDGE_TRIGGERED` registration must call until it gets
   * `undefined`.
   * @throws SystemError `ECONNREFUSED` if the peer of a connected socket does not listen at the port. You can go on
   * receiving. The error is thrown when the datagrams before it have been received.
   * @see {@link https://man7.org/linux/man-pages/man2/recvmmsg.2.html | recvmmsg(2)}
   */
  receiveMany(batch: UdpBatch, count?: number): number | undefined {
    return receiveMany(this.#native, this, checkBatch(UdpBatch, batch), count, 1);
  }

  /**
   * Sends entries of a batch, in one system call: each to its peer, and from the address of this machine that it has. If
   * the kernel can do it, neighbours of one length for one peer are sent together, which costs less (UDP_SEGMENT).
   *
   * @param count - The number of entries.
   * @param start - The index of the first one. Defaults to 0.
   * @returns The number of entries that were sent. If there are fewer than `count`, call again with the rest: that
   * returns `undefined` if it would block, or throws the error of the first entry of the rest.
   * @throws The same as {@link UdpSocket.sendTo} for the first entry: nothing was sent.
   * @see {@link https://man7.org/linux/man-pages/man2/sendmmsg.2.html | sendmmsg(2)}
   */
  sendMany(batch: UdpBatch, count: number, start: number = 0): number | undefined {
    const memory = checkEntries(checkBatch(UdpBatch, batch), count, start);
    const { fd } = this;
    return checkedUnlessBlocked(this.#segmentSender.send(fd, memory, start, count), 'sendmmsg', fd);
  }

  /**
   * Makes the kernel join datagrams of one sender and one size, which arrive together, to one entry of a batch (UDP_GRO):
   * see {@link UdpBatch.segmentBytesAt}. Many datagrams then cost hardly more than one.
   *
   * From then on, receive only by {@link UdpSocket.receiveMany}, into a batch with room for 65,536 bytes per entry. Other
   * methods return joined datagrams as one, and a batch with less room cuts them.
   *
   * @returns Whether this kernel can do it. If not, nothing has changed: each datagram arrives by itself.
   */
  setCoalescing(coalescing: boolean): boolean {
    const result = setCoalescing(this.#native, this.fd, checkBoolean('coalescing', coalescing));
    return result !== -ENOPROTOOPT && checked(result, 'setsockopt', this.fd) === 0;
  }

  /**
   * Takes one entry from the error queue: it says why a datagram did not arrive. Turn the queue on with the option
   * IP_RECVERR and, for an IPv6 socket, IPV6_RECVERR too. Until the queue is empty, every wait reports `ERROR` for the
   * socket, whatever the interest: call this method until it returns `undefined`.
   *
   * @param buffer - Receives the bytes of the datagram; may be empty.
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @returns `undefined` if the queue is empty.
   * @throws SystemError `EOPNOTSUPP` if this is not an IP socket.
   * @see {@link https://man7.org/linux/man-pages/man7/ip.7.html | ip(7)}
   *
   * @example Report every datagram that was refused
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
    return size === 0 ? from : { ...from, local: fromAddressBytes(room.subarray(0, size)) };
  }

  /**
   * Makes {@link UdpSocket.receiveFrom} report, as `from.local`, the address of this machine that a datagram was sent
   * to (IP_PKTINFO, IPV6_RECVPKTINFO), so that an answer to `from` leaves from there. Use it for a socket that is bound
   * to all addresses: a client ignores an answer that comes from another address than the one it asked. A datagram to a
   * multicast group or a broadcast address has no `from.local`.
   *
   * @see {@link https://man7.org/linux/man-pages/man7/ip.7.html | ip(7)}
   */
  setPacketInfo(packetInfo: boolean): void {
    setFlag(this.fd, 'IPPROTO_IP', 'IP_PKTINFO', checkBoolean('packetInfo', packetInfo));
    if (isIpv6(this.fd)) {
      setFlag(this.fd, 'IPPROTO_IPV6', 'IPV6_RECVPKTINFO', packetInfo);
    }
  }

  /**
   * Joins a multicast group (IP_ADD_MEMBERSHIP, IPV6_ADD_MEMBERSHIP): the socket receives what is sent to the group at
   * the port that it is bound to. To receive nothing else, bind the socket to the address of the group.
   *
   * @param group - The IP address of the group.
   * @param interfaceIndex - The number of the network interface, as in `/sys/class/net/eth0/ifindex`. Defaults to 0:
   * the interface that the route to the group leads to.
   * @throws SystemError `EINVAL` if it is not a multicast address; `ENODEV` if there is no such interface or route;
   * `EADDRINUSE` if the socket has joined already; `ENOPROTOOPT` for an IPv6 group and an IPv4 socket; `EAFNOSUPPORT`
   * for an IPv4 group and a socket with `ipv6Only`; `ENOBUFS` if the socket is in too many groups.
   * @see {@link https://man7.org/linux/man-pages/man7/ip.7.html | ip(7)}
   */
  joinMulticast(group: string, interfaceIndex: number = 0): void {
    setMembership(this.fd, 'ADD', group, interfaceIndex);
  }

  /**
   * Leaves a multicast group. Closing the socket leaves all groups.
   *
   * @param group - As you joined it.
   * @param interfaceIndex - As you joined it.
   * @throws SystemError `EADDRNOTAVAIL` if the socket is not in the group.
   */
  leaveMulticast(group: string, interfaceIndex: number = 0): void {
    setMembership(this.fd, 'DROP', group, interfaceIndex);
  }

  /** Allows sending to broadcast addresses (SO_BROADCAST). */
  setBroadcast(broadcast: boolean): void {
    setFlag(this.fd, 'SOL_SOCKET', 'SO_BROADCAST', checkBoolean('broadcast', broadcast));
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
