import type { FdSource } from '@em/core';
import { checkObject } from '../../arguments/check-object.js';
import { checkRoom } from '../../arguments/slice.js';
import { checkNotEmpty, type MessageWithFds, receiveFds, sendFds } from '../message.js';
import { openConnectedUnlessBlocked, openUnixPair } from '../open-socket.js';
import { StreamSocket } from '../stream-socket.js';
import { toUnixSockaddr, type UnixAddress, type UnixName, unixAddressOf } from './unix-address.js';

/**
 * One end of a connection between processes of this machine, non-blocking. It carries bytes, and file descriptors with
 * them.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixStream extends StreamSocket {
  /** @param fd - A connected unix stream socket; it belongs to the stream from now on. */
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
  static connect(options: UnixAddress): UnixStream | undefined {
    const fd = openConnectedUnlessBlocked('SOCK_STREAM', toUnixSockaddr(checkObject('options', options).path));
    return fd === undefined ? undefined : new UnixStream(fd);
  }

  /**
   * Makes both ends of a connection, without a name.
   *
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files.
   */
  static pair(): [UnixStream, UnixStream] {
    const [one, other] = openUnixPair('SOCK_STREAM');
    return [new UnixStream(one), new UnixStream(other)];
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
   * Sends bytes, and fds together with the first of them. The peer gets fds of its own for the same open files; the ones
   * given stay open and may be closed at once.
   *
   * @param fds - 1 to 253 of them, as numbers or as anything with an `fd`.
   * @param buffer - At least one byte.
   * @returns How many bytes were taken; where that is less than the buffer has, write the rest without fds. `undefined`
   * if it would block: nothing was sent.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EBADF` if an fd is not open, `ETOOMANYREFS` if too many are under way, `EPIPE`, `ECONNRESET`;
   * EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  sendFds(fds: readonly FdSource[], buffer: Uint8Array): number | undefined {
    checkNotEmpty(buffer);
    return sendFds(this, fds, buffer);
  }

  /**
   * Receives what is there, up to the end of what one `sendFds` sent, and the fds that came with it: they belong to the
   * caller. `read` receives the bytes alone, and the kernel closes the fds.
   *
   * @param buffer - At least one byte.
   * @param maxFds - Take no more than that, 0 to 253; 253 if not given.
   * @param flags - As for `read`; with `MSG_PEEK` the fds are duplicates, and to be closed as well.
   * @returns `undefined` if it would block; a length of 0 if the peer will send no more.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNRESET`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  receiveFds(buffer: Uint8Array, maxFds?: number, flags?: number): MessageWithFds | undefined {
    checkRoom(buffer, 0, undefined);
    return receiveFds(this, buffer, maxFds, flags);
  }
}
