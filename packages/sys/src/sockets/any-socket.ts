import { checkInteger, outOfRange } from '@em/core/check';
import { type Binding, binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { checkObject } from '../arguments/check-object.js';
import { byteLengthOf, checkBytes, checkRoom, checkSlice } from '../arguments/slice.js';
import { getFlags, setNonBlocking } from '../fds/fd-flags.js';
import { type QueuedError, receiveError } from './error-queue.js';
import { type Datagram, receiveBytes, receiveFrom, sendTo } from './message.js';
import { checkBacklog, connect } from './open-socket.js';
import { FAMILY_SIZE, MAX_SOCKADDR, sockaddrOf } from './sockaddr.js';
import { Socket } from './socket.js';

/** Options of {@link AnySocket.open}: the arguments of socket(2). */
export interface AnySocketOptions {
  /** Such as `Socket.constants.AF_NETLINK`. */
  readonly family: number;
  /** Such as `Socket.constants.SOCK_RAW`. */
  readonly type: number;
  /** Of the family; 0, which mostly stands for its only one, if not given. */
  readonly protocol?: number | undefined;
}

/**
 * A socket of any family, non-blocking: netlink, packet, SocketCAN, Bluetooth, vsock, and whatever else this kernel has.
 * Its addresses are bytes: the `struct sockaddr_…` of the family, as its manual page has it. For IP and unix sockets
 * there are classes that know theirs.
 *
 * @example All frames that come in on one CAN bus
 * ```ts
 * const { AF_CAN, SOCK_RAW } = Socket.constants;
 * const CAN_RAW = 1; // of <linux/can.h>
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

  /** @param fd - A socket; it belongs to this object from now on. */
  constructor(fd: number) {
    super(fd);
  }

  /**
   * Makes one.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EAFNOSUPPORT`, `ESOCKTNOSUPPORT`, `EPROTONOSUPPORT`, `EPROTOTYPE`, `EINVAL` if this kernel has
   * no such family, type or protocol; `EPERM`, `EACCES` without the right to it; `EMFILE`, `ENFILE`, `ENOBUFS`.
   */
  static open(options: AnySocketOptions): AnySocket {
    const { family, type, protocol = 0 } = checkObject('options', options);
    checkInteger('family', family, 0, MAX_INT);
    checkInteger('type', type, 0, MAX_INT);
    checkInteger('protocol', protocol, 0, MAX_INT);
    return new AnySocket(checked(binding().socket(family, type, protocol), 'socket'));
  }

  /**
   * Gives it an address.
   *
   * @param sockaddr - 2 to 128 bytes.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot be an address.
   * @throws SystemError `EINVAL` if it is none of this family, `ENODEV` if there is no such device, `EADDRINUSE`,
   * `EADDRNOTAVAIL`, `EACCES`, `EPERM`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  bind(sockaddr: Uint8Array): void {
    const bytes = checkSockaddr(sockaddr);
    checked(this.#native.bind(this.fd, bytes), 'bind', this.fd);
  }

  /**
   * Connects it, or begins to. A socket that is blocking, such as one that a child process had as its stdin, is made
   * non-blocking first.
   *
   * @param sockaddr - 2 to 128 bytes.
   * @returns `false` if it is not connected yet: it reports `OUT` once it is, or that has failed, and
   * {@link Socket.takeError} says how.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot be an address.
   * @throws SystemError `EINVAL` if it is none of this family, `EOPNOTSUPP` if there is nothing to connect to in it,
   * `ECONNREFUSED`, `ENETUNREACH`, `EALREADY`, `EISCONN`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  connect(sockaddr: Uint8Array): boolean {
    const checkedSockaddr = checkSockaddr(sockaddr);
    const { fd } = this;
    // connect(2) has no flag for one call.
    if (!getFlags(fd).nonBlocking) {
      setNonBlocking(fd, true);
    }
    return connect(fd, checkedSockaddr);
  }

  /**
   * Lets others connect to it: `IN` while one waits to be accepted.
   *
   * @param backlog - How many may wait, 511 if not given. The kernel caps it at `net.core.somaxconn`.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `backlog` is no such number.
   * @throws SystemError `EOPNOTSUPP` if there is nothing to connect to in this family or type, `EINVAL` if it is connected
   * or has no address; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  listen(backlog?: number): void {
    const checkedBacklog = checkBacklog(backlog);
    checked(this.#native.listen(this.fd, checkedBacklog), 'listen', this.fd);
  }

  /**
   * Accepts a connection.
   *
   * @returns `undefined` if none is waiting: it would block.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files: the connection goes on waiting; `EINVAL`,
   * `EOPNOTSUPP` if it does not listen; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  accept(): AnySocket | undefined {
    const fd = checkedUnlessBlocked(this.#native.accept(this.fd), 'accept', this.fd);
    return fd === undefined ? undefined : new AnySocket(fd);
  }

  /**
   * Says that nothing more will be sent; the peer receives to the end of what was. Receiving goes on.
   *
   * @throws SystemError `ENOTCONN` if not connected, `EOPNOTSUPP` if there is no such thing in this family or type;
   * EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  shutdownWrite(): void {
    checked(this.#native.shutdown(this.fd, this.#native.socketConstants.SHUT_WR), 'shutdown', this.fd);
  }

  /** The address of this end. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get localAddress(): Uint8Array {
    return sockaddrOf(this.fd, 'getsockname');
  }

  /**
   * The address of the other end.
   *
   * @throws SystemError `ENOTCONN` if not connected, `EOPNOTSUPP` if that cannot be in this family; EventManagerError
   * `ERR_EM_CLOSED` if it is closed.
   */
  get remoteAddress(): Uint8Array {
    return sockaddrOf(this.fd, 'getpeername');
  }

  /**
   * Sends to whom it is bound or connected to.
   *
   * @param length - So many bytes; to the end of the buffer if not given.
   * @returns How many bytes were taken, which may be less than asked for only of a stream; `undefined` if it would
   * block: nothing was sent.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EDESTADDRREQ`, `ENOTCONN` without anybody to send to, `EMSGSIZE` if it is too long, `EINVAL`,
   * `ENETDOWN`, `EPIPE`, `ECONNRESET`; `ENOBUFS` if the device has no room, which no `OUT` tells the end of;
   * EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  send(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(this.#native.send(this.fd, buffer, offset, count), 'send', this.fd);
  }

  /**
   * Sends to an address.
   *
   * @param sockaddr - 2 to 128 bytes.
   * @returns As {@link AnySocket.send} does.
   * @throws As {@link AnySocket.send} does; `ENODEV`, `ENXIO` if there is no such device, `EISCONN`, `EOPNOTSUPP`.
   */
  sendTo(sockaddr: Uint8Array, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return sendTo(this, checkSockaddr(sockaddr), buffer, offset, length);
  }

  /**
   * Receives bytes of a stream, or one message, of which {@link AnySocket.receiveFrom} can tell more.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer. The rest of a longer message
   * is lost.
   * @param flags - `MSG_PEEK` to leave it where it is, `MSG_OOB` for urgent data, which `PRIORITY` reports; both are in
   * {@link Socket.constants}. 0 if not given.
   * @returns How many bytes; of a stream 0 at the end; `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ENOBUFS` if there was no room for messages, which are lost (netlink); `ENETDOWN` if the device
   * is down; `ENODEV`, `ECONNRESET`, `ENOTCONN`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  receive(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return receiveBytes(this.#native, this, buffer, offset, count, flags);
  }

  /**
   * Receives one message, and the address of its sender.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` to leave it where it is, `MSG_OOB` for urgent data, which `PRIORITY` reports; both are in
   * {@link Socket.constants}. 0 if not given.
   * @returns `undefined` if none is there: it would block. `from` has no bytes where the family tells none.
   * @throws As {@link AnySocket.receive} does.
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
   */
  receiveError(buffer: Uint8Array, offset: number = 0, length?: number): QueuedError<Uint8Array> | undefined {
    return receiveError(this, buffer, offset, length, (sockaddr) => sockaddr.slice());
  }

  /**
   * Has the kernel drop what a program of classic BPF does not let through (SO_ATTACH_FILTER), from now on. What has
   * been received stays.
   *
   * @param instructions - 1 to 4,096, of 8 bytes each: `struct sock_filter`, as `tcpdump -dd` prints them.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is no Uint8Array.
   * @throws SystemError `EINVAL` if it is no such program; EventManagerError `ERR_EM_CLOSED` if it is closed.
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
