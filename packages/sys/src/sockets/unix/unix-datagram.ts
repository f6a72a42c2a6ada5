import type { FdSource } from '@em/core';
import { checkObject } from '../../arguments/check-object.js';
import { DatagramSocket } from '../datagram-socket.js';
import {
  type Datagram,
  type MessageWithFds,
  receiveFds,
  receiveFrom,
  senderAddress,
  sendFds,
  sendTo,
} from '../message.js';
import { openBound, openConnected, openUnixPair } from '../open-socket.js';
import { fromUnixSockaddr, toUnixSockaddr, type UnixAddress, type UnixName, unixAddressOf } from './unix-address.js';

/**
 * A unix datagram socket, non-blocking: messages between processes of this machine, in order and without loss. It
 * reports `IN` while one is there, an empty one included, and `OUT` while there is room; connected, only while the
 * peer has room too.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixDatagram extends DatagramSocket {
  /** @param fd - A unix datagram socket; it belongs to this object from now on. */
  constructor(fd: number) {
    super(fd);
  }

  /**
   * Makes one that others can send to. Binding to a path makes a file there, which outlives the socket: remove it before
   * the next `bind`, or after `close`. Nothing here removes files. An abstract name leaves none.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option, such as a path too long.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EADDRINUSE` if there is such a file, used or not, or such a name; `EACCES`, `ENOENT`, `ENOTDIR`,
   * `EROFS` as for any file; `EMFILE`, `ENFILE`.
   */
  static override bind(options: UnixAddress): UnixDatagram {
    return new UnixDatagram(openBound('SOCK_DGRAM', toUnixSockaddr(checkObject('options', options).path)));
  }

  /**
   * Makes one without a name that sends to one receiver, and cannot be answered.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option, such as a path too long.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `ECONNREFUSED` if nobody is there, `ENOENT` if there is no such file, `EACCES`, `EPROTOTYPE` if
   * it is another type of socket, `EMFILE`, `ENFILE`.
   */
  static connect(options: UnixAddress): UnixDatagram {
    return new UnixDatagram(openConnected('SOCK_DGRAM', toUnixSockaddr(checkObject('options', options).path)));
  }

  /**
   * Makes two that are connected to each other, without names.
   *
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files.
   */
  static pair(): [UnixDatagram, UnixDatagram] {
    const [one, other] = openUnixPair('SOCK_DGRAM');
    return [new UnixDatagram(one), new UnixDatagram(other)];
  }

  /** Its name, `undefined` if it has none. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get localAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }

  /** The name of its peer. @throws SystemError `ENOTCONN` if not connected; EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get remoteAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getpeername');
  }

  /**
   * Sends one message, which may be empty, to a path or abstract name, such as the `from` of one that was received.
   *
   * @param path - Text, or bytes if it is not UTF-8.
   * @param length - So many bytes; to the end of the buffer if not given.
   * @returns How many bytes, all of them; `undefined` if the receiver has no room: it would block, and no fd tells when
   * it no longer would. A connected socket does, by `OUT`.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNREFUSED` if nobody is there, `ENOENT` if there is no such file, `EACCES`, `EPERM` if that
   * one is connected to another, `EMSGSIZE` if it is too long; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  sendTo(path: string | Uint8Array, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const sockaddr = toUnixSockaddr(path);
    return sendTo(this, sockaddr, buffer, offset, length);
  }

  /**
   * Receives one message and the name of its sender, `undefined` for a sender without one: text, or bytes if it is not
   * UTF-8.
   *
   * @param length - At most so many bytes; to the end of the buffer if not given.
   * @param flags - `MSG_PEEK` to leave it where it is, `MSG_OOB` for urgent data, which `PRIORITY` reports; both are in
   * {@link Socket.constants}. 0 if not given.
   * @returns `undefined` if none is there: it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNRESET` if the other end of a pair is closed; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  receiveFrom(
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
    flags: number = 0,
  ): Datagram<UnixName | undefined> | undefined {
    return receiveFrom(this, buffer, offset, length, fromUnixSockaddr, flags);
  }

  /**
   * Sends one message and fds with it, to whom the socket is connected to. The peer gets fds of its own for the same
   * open files; the ones given stay open and may be closed at once.
   *
   * @param fds - 1 to 253 of them, as numbers or as anything with an `fd`.
   * @returns How many bytes, all of them; `undefined` if it would block: nothing was sent.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EBADF` if an fd is not open, `ETOOMANYREFS` if too many are under way, otherwise as `send`.
   */
  sendFds(fds: readonly FdSource[], buffer: Uint8Array): number | undefined {
    return sendFds(this, fds, buffer);
  }

  /**
   * Receives one message, the name of its sender, and the fds that came with it: they belong to the caller. `receiveFrom`
   * receives no fds: the kernel closes them.
   *
   * @param maxFds - Take no more than that, 0 to 253; 253 if not given.
   * @param flags - As for `receive`; with `MSG_PEEK` the fds are duplicates, and to be closed as well.
   * @returns `undefined` if none is there: it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNRESET` if the other end of a pair is closed; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  receiveFds(
    buffer: Uint8Array,
    maxFds?: number,
    flags?: number,
  ): (Datagram<UnixName | undefined> & MessageWithFds) | undefined {
    const message = receiveFds(this, buffer, maxFds, flags);
    return message && { ...message, from: fromUnixSockaddr(senderAddress()) };
  }
}
