import type { FdSource } from '@em/core';
import { checkObject } from '../../arguments/check-object.js';
import { checkRoom } from '../../arguments/slice.js';
import { DatagramSocket } from '../datagram-socket.js';
import { type MessageWithFds, receiveFds, sendFds } from '../message.js';
import { openConnectedUnlessBlocked, openUnixPair } from '../open-socket.js';
import { toUnixSockaddr, type UnixAddress, type UnixName, unixAddressOf } from './unix-address.js';

/**
 * One end of a connection between processes of this machine that carries messages, each whole or not at all, and file
 * descriptors with them. Non-blocking.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixSeqpacket extends DatagramSocket {
  /** @param fd - A connected unix seqpacket socket; it belongs to this object from now on. */
  constructor(fd: number) {
    super(fd);
  }

  /**
   * Connects, at once.
   *
   * @returns `undefined` if the listener has as many connections waiting as it wants: it would block, and no fd tells
   * when it no longer would. Try again later.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option, such as a path too long.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `ECONNREFUSED` if nobody listens, `ENOENT` if there is no such file, `EACCES`, `EPROTOTYPE` if
   * it is another type of socket, `EMFILE`, `ENFILE`.
   */
  static connect(options: UnixAddress): UnixSeqpacket | undefined {
    const fd = openConnectedUnlessBlocked('SOCK_SEQPACKET', toUnixSockaddr(checkObject('options', options).path));
    return fd === undefined ? undefined : new UnixSeqpacket(fd);
  }

  /**
   * Makes both ends of a connection, without a name.
   *
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files.
   */
  static pair(): [UnixSeqpacket, UnixSeqpacket] {
    const [one, other] = openUnixPair('SOCK_SEQPACKET');
    return [new UnixSeqpacket(one), new UnixSeqpacket(other)];
  }

  /** The name of this end, which mostly has none. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get localAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }

  /** The name of the other end. @throws SystemError `ENOTCONN` if not connected; EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get remoteAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getpeername');
  }

  /**
   * Sends one message and fds with it. The peer gets fds of its own for the same open files; the ones given stay open
   * and may be closed at once.
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
   * Receives one message, and the fds if any came with it: they belong to the caller.
   *
   * @param buffer - At least one byte.
   * @param maxFds - Take no more than that, 0 to 253; 253 if not given.
   * @param flags - As for `receive`; with `MSG_PEEK` the fds are duplicates, and to be closed as well.
   * @returns `undefined` if none is there: it would block. A length of 0 is the end, or an empty message: only the
   * parties' own protocol can tell.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNRESET`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  receiveFds(buffer: Uint8Array, maxFds?: number, flags?: number): MessageWithFds | undefined {
    checkRoom(buffer, 0, undefined);
    return receiveFds(this, buffer, maxFds, flags);
  }
}
