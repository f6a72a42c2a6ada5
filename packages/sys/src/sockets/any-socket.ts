import { checkInteger, checkOptions, outOfRange } from '@em/core/check';
import { type Binding, binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { byteLengthOf, checkBytes, checkRoom, checkSlice } from '../arguments/check.js';
import { adopt } from '../fds/adopt.js';
import { getFlags, setNonBlocking } from '../fds/fd-flags.js';
import { CheckedFd, fdObject } from '../fds/owned-fd.js';
import { type QueuedError, receiveError } from './error-queue.js';
import { type Datagram, receiveBytes, receiveFrom, sendTo } from './message.js';
import { bind, checkBacklog, connect } from './open-socket.js';
import { FAMILY_SIZE, MAX_SOCKADDR, sockaddrOf } from './sockaddr.js';
import { Socket } from './socket.js';

/** Options of {@link AnySocket.open}: the arguments of socket(2). */
export interface AnySocketOptions {
  /** For example `Socket.constants.AF_NETLINK`. */
  readonly family: number;
  /** For example `Socket.constants.SOCK_RAW`. */
  readonly type: number;
  /** A protocol of the family. Defaults to 0, which usually means the only one. */
  readonly protocol?: number | undefined;
}

/**
 * A non-blocking socket of any family that this kernel has: netlink, packet, SocketCAN, Bluetooth, vsock, and others.
 * An address is bytes: the `struct sockaddr_…` of the family, as its manual page describes it. For IP and unix sockets,
 * use the classes that have addresses of their own.
 *
 * {@link Socket} lists what every method throws.
 *
 * @example Receive all frames of one CAN bus
 * ```ts
 * const { AF_CAN, SOCK_RAW } = Socket.constants;
 * const CAN_RAW = 1; // from <linux/can.h>
 *
 * const can = AnySocket.open({ family: AF_CAN, type: SOCK_RAW, protocol: CAN_RAW });
 * const sockaddr = Buffer.alloc(24); // struct sockaddr_can
 * sockaddr.writeUInt16LE(AF_CAN, 0);
 * sockaddr.writeUInt32LE(Number(readFileSync('/sys/class/net/can0/ifindex', 'utf8')), 4);
 * can.bind(sockaddr);
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/socket.2.html | socket(2)}
 */
export class AnySocket extends Socket {
  readonly #native: Binding = binding();

  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /** Takes over the fd of an existing socket: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): AnySocket {
    return adopt(AnySocket, fd, ['a socket']);
  }

  /**
   * Opens a socket.
   *
   * @throws SystemError `EAFNOSUPPORT`, `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT`, `EPROTOTYPE`, `EINVAL` if this kernel
   * does not have the family, type or protocol; `EPERM`, `EACCES` without the right to it; `EMFILE`, `ENFILE`,
   * `ENOBUFS`.
   */
  static open(options: AnySocketOptions): AnySocket {
    const { family, type, protocol = 0 } = checkOptions('options', options, ['family', 'type', 'protocol']);
    checkInteger('family', family, 0, MAX_INT);
    checkInteger('type', type, 0, MAX_INT);
    checkInteger('protocol', protocol, 0, MAX_INT);
    return fdObject(AnySocket, checked(binding().socket(family, type, protocol), 'socket'));
  }

  /**
   * Binds the socket to an address.
   *
   * @param sockaddr - 2 to 128 bytes.
   * @throws SystemError `EINVAL` if the address is not of this family, `ENODEV` if there is no such device,
   * `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EPERM`.
   */
  bind(sockaddr: Uint8Array): void {
    const bytes = checkSockaddr(sockaddr);
    bind(this.fd, bytes);
  }

  /**
   * Connects the socket, or starts to. Makes the socket non-blocking first, if it is not: for example, if it is the
   * stdin of a child process.
   *
   * @param sockaddr - 2 to 128 bytes.
   * @returns `false` if the socket is not connected yet. It reports `OUT` when it is connected or has failed to
   * connect: {@link Socket.takeError} returns the error.
   * @throws SystemError `EINVAL` if the address is not of this family, `EOPNOTSUPP` if this family cannot connect,
   * `ECONNREFUSED`, `ENETUNREACH`, `EALREADY`, `EISCONN`.
   */
  connect(sockaddr: Uint8Array): boolean {
    const checkedSockaddr = checkSockaddr(sockaddr);
    const { fd } = this;
    // connect(2) has no flag that makes one call non-blocking.
    if (!getFlags(fd).nonBlocking) {
      setNonBlocking(fd, true);
    }
    return connect(fd, checkedSockaddr);
  }

  /**
   * Starts to listen. The socket reports `IN` while a connection waits to be accepted.
   *
   * @param backlog - How many connections may wait. Defaults to 511. The kernel caps it at `net.core.somaxconn`.
   * @throws SystemError `EOPNOTSUPP` if this family or type cannot listen, `EINVAL` if the socket is connected or has
   * no address.
   */
  listen(backlog?: number): void {
    const checkedBacklog = checkBacklog(backlog);
    checked(this.#native.listen(this.fd, checkedBacklog), 'listen', this.fd);
  }

  /**
   * Accepts a connection.
   *
   * @returns `undefined` if no connection is waiting: it would block.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files: the connection goes on waiting; `EINVAL`,
   * `EOPNOTSUPP` if the socket does not listen.
   */
  accept(): AnySocket | undefined {
    const fd = checkedUnlessBlocked(this.#native.accept(this.fd), 'accept', this.fd);
    return fd === undefined ? undefined : fdObject(AnySocket, fd);
  }

  /**
   * Ends sending. The peer receives everything that was sent, and then the end. You can still receive.
   *
   * @throws SystemError `ENOTCONN` if the socket is not connected, `EOPNOTSUPP` if this family or type cannot do it.
   */
  shutdownWrite(): void {
    checked(this.#native.shutdown(this.fd, this.#native.socketConstants.SHUT_WR), 'shutdown', this.fd);
  }

  /** The address of this end. */
  get localAddress(): Uint8Array {
    return sockaddrOf(this.fd, 'getsockname');
  }

  /**
   * The address of the other end.
   *
   * @throws SystemError `ENOTCONN` if the socket is not connected, `EOPNOTSUPP` if this family has no such address.
   */
  get remoteAddress(): Uint8Array {
    return sockaddrOf(this.fd, 'getpeername');
  }

  /**
   * Sends to the address that the socket is connected to, or to the device that it is bound to.
   *
   * @param length - Number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes sent, which only a stream may make less than `length`; `undefined` if it would block:
   * nothing was sent.
   * @throws SystemError `EDESTADDRREQ`, `ENOTCONN` if the socket has no destination; `EMSGSIZE` if the message is too
   * long; `EINVAL`, `ENETDOWN`, `EPIPE`, `ECONNRESET`; `ENOBUFS` if the queue of the device is full: no `OUT` follows
   * when there is room again.
   */
  send(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(this.#native.send(this.fd, buffer, offset, count), 'send', this.fd);
  }

  /**
   * Sends to an address.
   *
   * @param sockaddr - 2 to 128 bytes.
   * @param length - Number of bytes. Defaults to the rest of the buffer.
   * @returns The same as {@link AnySocket.send}.
   * @throws The same as {@link AnySocket.send}; `ENODEV`, `ENXIO` if there is no such device; `EISCONN`, `EOPNOTSUPP`.
   */
  sendTo(sockaddr: Uint8Array, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return sendTo(this, checkSockaddr(sockaddr), buffer, offset, length);
  }

  /**
   * Receives bytes from a stream, or one message. To learn whether a message was cut, use
   * {@link AnySocket.receiveFrom}.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer. The rest of a longer
   * message is lost.
   * @param flags - `MSG_PEEK` leaves the data in place. `MSG_OOB` receives urgent data, which `PRIORITY` reports. Both
   * are in {@link Socket.constants}. Defaults to 0.
   * @returns The number of bytes, 0 at the end of a stream; `undefined` if it would block.
   * @throws SystemError `ENOBUFS` if messages were lost for want of room (netlink); `ENETDOWN` if the device is down;
   * `ENODEV`, `ECONNRESET`, `ENOTCONN`.
   */
  receive(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return receiveBytes(this.#native, this, buffer, offset, count, flags);
  }

  /**
   * Receives one message and the address of its sender.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` leaves the data in place. `MSG_OOB` receives urgent data, which `PRIORITY` reports. Both
   * are in {@link Socket.constants}. Defaults to 0.
   * @returns `undefined` if there is no message: it would block. `from` has no bytes if the family reports no sender.
   * @throws The same as {@link AnySocket.receive}.
   */
  receiveFrom(
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
    flags: number = 0,
  ): Datagram<Uint8Array> | undefined {
    checkRoom(buffer, offset, length);
    return receiveFrom(this, buffer, offset, length, (sockaddr) => sockaddr.slice(), flags);
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
   */
  receiveError(buffer: Uint8Array, offset: number = 0, length?: number): QueuedError<Uint8Array> | undefined {
    return receiveError(this, buffer, offset, length, (sockaddr) => sockaddr.slice());
  }

  /**
   * Attaches a classic BPF program (SO_ATTACH_FILTER). From now on, the kernel drops the packets that the program
   * rejects. Packets that were received earlier stay.
   *
   * @param instructions - 1 to 4,096 instructions of 8 bytes each: `struct sock_filter`, as `tcpdump -dd` prints them.
   * @throws SystemError `EINVAL` if the program is not valid.
   */
  attachFilter(instructions: Uint8Array): void {
    checkBytes('instructions', instructions);
    checked(this.#native.attachFilter(this.fd, instructions), 'setsockopt', this.fd);
  }
}

function checkSockaddr(sockaddr: unknown): Uint8Array {
  const bytes = checkBytes('sockaddr', sockaddr);
  const size = byteLengthOf(bytes);
  if (size < FAMILY_SIZE || size > MAX_SOCKADDR) {
    throw outOfRange('sockaddr', `an address of ${FAMILY_SIZE} to ${MAX_SOCKADDR} bytes`, sockaddr);
  }
  return bytes;
}
