import type { FdLike } from '@em/core';
import { checkRoom } from '../../arguments/check.js';
import { CheckedFd, fdObject } from '../../fds/owned-fd.js';
import { type Credentials, checkNotEmpty, type MessageWithFds, receiveFds, sendFds } from '../message.js';
import { openConnectedUnlessBlocked, openUnixPair } from '../open-socket.js';
import { adoptSocket } from '../socket-kind.js';
import { StreamSocket } from '../stream-socket.js';
import { peerCredentialsOf, setPassCredentials } from './credentials.js';
import { sockaddrFrom, type UnixAddress, type UnixName, unixAddressOf } from './unix-address.js';

/**
 * One end of a non-blocking connection between processes of this machine. It carries bytes, and file descriptors with
 * them.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixStream extends StreamSocket {
  #credentials = false;

  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /** Takes over the fd of an existing unix stream: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): UnixStream {
    return adoptSocket(UnixStream, fd, 'a unix stream');
  }

  /**
   * Connects without waiting.
   *
   * @returns `undefined` if the listener has no room for another waiting connection: it would block. No event follows
   * when there is room again: try again later.
   * @throws SystemError `ECONNREFUSED` if no socket listens there, `ENOENT` if there is no such file, `EACCES`,
   * `EPROTOTYPE` if it is another type of socket, `EMFILE`, `ENFILE`.
   */
  static connect(options: UnixAddress): UnixStream | undefined {
    const fd = openConnectedUnlessBlocked('SOCK_STREAM', sockaddrFrom(options));
    return fd === undefined ? undefined : fdObject(UnixStream, fd);
  }

  /** Makes two ends that are connected to each other and have no names. @throws SystemError `EMFILE`, `ENFILE`. */
  static pair(): [UnixStream, UnixStream] {
    const [one, other] = openUnixPair('SOCK_STREAM');
    return [fdObject(UnixStream, one), fdObject(UnixStream, other)];
  }

  /** The name of this end, which usually has none. */
  get localAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }

  /** The name of the other end. @throws SystemError `ENOTCONN` if it is not connected. */
  get remoteAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getpeername');
  }

  /**
   * The process at the other end, as it was when the connection was made: for the end that connected, the process that
   * called `listen`, for the accepted end, the one that called `connect`, and for a pair, the one that made it
   * (SO_PEERCRED).
   *
   * @throws SystemError `ENOTCONN` if it is not connected.
   * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
   *
   * @example Watch the process itself, which its pid cannot do for certain
   * ```ts
   * const SO_PEERPIDFD = 77; // from <asm-generic/socket.h>, since Linux 6.5
   * const peer = PidFd.adopt(stream.getOption(Socket.constants.SOL_SOCKET, SO_PEERPIDFD));
   * ```
   */
  get peerCredentials(): Credentials {
    return peerCredentialsOf(this.fd);
  }

  /**
   * Sends bytes, and fds with the first byte. The peer gets its own fds for the same open files. Yours stay open, and
   * you may close them at once.
   *
   * @param fds - 1 to 253 of them, as numbers or as objects with an `fd`.
   * @param buffer - At least one byte.
   * @returns The number of bytes sent. If it is less than the length of the buffer, `write` the rest. `undefined` if it
   * would block: nothing was sent.
   * @throws SystemError `EBADF` if an fd is not open, `ETOOMANYREFS` if too many fds are under way, `EPIPE`,
   * `ECONNRESET`.
   */
  sendFds(fds: readonly FdLike[], buffer: Uint8Array): number | undefined {
    checkNotEmpty(buffer);
    return sendFds(this, fds, buffer);
  }

  /**
   * Receives bytes, up to the end of what one `sendFds` sent, and the fds that came with them, which you must close.
   * `read` receives only the bytes: the kernel closes the fds.
   *
   * @param buffer - At least one byte.
   * @param maxFds - Maximum number of fds to receive, 0 to 253. Defaults to 253.
   * @param flags - As for `read`. With `MSG_PEEK`, the fds are duplicates, which you must close too.
   * @returns `undefined` if it would block. The `length` is 0 if the peer will send no more.
   * @throws SystemError `ECONNRESET`.
   */
  receiveFds(buffer: Uint8Array, maxFds?: number, flags?: number): MessageWithFds | undefined {
    checkRoom(buffer, 0, undefined);
    return receiveFds(this, buffer, maxFds, flags, this.#credentials);
  }

  /**
   * Makes {@link UnixStream.receiveFds} report which process sent the bytes, as `credentials` (SO_PASSCRED). `read` and
   * `receiveFds` then never return bytes of two senders together.
   *
   * The kernel notes the sender when it sends. Bytes that were sent before you turn this on have pid 0, uid 65534 and gid
   * 65534, and their sender is unknown. {@link UnixStream.peerCredentials} needs no such preparation, but one connection
   * can have several senders: a process passes its end on, or to its children.
   *
   * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
   */
  setCredentials(credentials: boolean): void {
    this.#credentials = setPassCredentials(this.fd, credentials);
  }
}
