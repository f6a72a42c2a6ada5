import type { FdLike } from '@em/core';
import { binding } from '../../addon/binding.js';
import { checked } from '../../addon/system-error.js';
import { checkRoom } from '../../arguments/check.js';
import { CheckedFd, fdObject } from '../../fds/owned-fd.js';
import { DatagramSocket } from '../datagram-socket.js';
import { type Credentials, type MessageWithFds, receiveFds, sendFds } from '../message.js';
import { openConnectedUnlessBlocked, openUnixPair } from '../open-socket.js';
import { adoptSocket } from '../socket-kind.js';
import { peerCredentialsOf, setPassCredentials } from './credentials.js';
import { sockaddrFrom, type UnixAddress, type UnixName, unixAddressOf } from './unix-address.js';

/**
 * One end of a non-blocking connection between processes of this machine. It carries messages, each whole or not at
 * all, and file descriptors with them.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixSeqpacket extends DatagramSocket {
  #credentials = false;

  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /** Takes over the fd of an existing unix seqpacket socket: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): UnixSeqpacket {
    return adoptSocket(UnixSeqpacket, fd, 'a unix seqpacket socket');
  }

  /**
   * Connects without waiting.
   *
   * @returns `undefined` if the listener has no room for another waiting connection: it would block. No event follows
   * when there is room again: try again later.
   * @throws SystemError `ECONNREFUSED` if no socket listens there, `ENOENT` if there is no such file, `EACCES`,
   * `EPROTOTYPE` if it is another type of socket, `EMFILE`, `ENFILE`.
   */
  static connect(options: UnixAddress): UnixSeqpacket | undefined {
    const fd = openConnectedUnlessBlocked('SOCK_SEQPACKET', sockaddrFrom(options));
    return fd === undefined ? undefined : fdObject(UnixSeqpacket, fd);
  }

  /** Makes two ends that are connected to each other and have no names. @throws SystemError `EMFILE`, `ENFILE`. */
  static pair(): [UnixSeqpacket, UnixSeqpacket] {
    const [one, other] = openUnixPair('SOCK_SEQPACKET');
    return [fdObject(UnixSeqpacket, one), fdObject(UnixSeqpacket, other)];
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
   */
  get peerCredentials(): Credentials {
    return peerCredentialsOf(this.fd);
  }

  /**
   * Sends one message with fds. The peer gets its own fds for the same open files. Yours stay open, and you may close
   * them at once.
   *
   * @param fds - 1 to 253 of them, as numbers or as objects with an `fd`.
   * @returns The number of bytes, always the length of the buffer; `undefined` if it would block: nothing was sent.
   * @throws The same as `send`; SystemError `EBADF` if an fd is not open, `ETOOMANYREFS` if too many fds are under way.
   */
  sendFds(fds: readonly FdLike[], buffer: Uint8Array): number | undefined {
    return sendFds(this, fds, buffer);
  }

  /**
   * Receives one message, and the fds that came with it, if any, which you must close.
   *
   * @param buffer - At least one byte.
   * @param maxFds - Maximum number of fds to receive, 0 to 253. Defaults to 253.
   * @param flags - As for `receive`. With `MSG_PEEK`, the fds are duplicates, which you must close too.
   * @returns `undefined` if there is no message: it would block. A `length` of 0 is the end, or an empty message: only
   * your own protocol can distinguish them.
   * @throws SystemError `ECONNRESET`.
   */
  receiveFds(buffer: Uint8Array, maxFds?: number, flags?: number): MessageWithFds | undefined {
    checkRoom(buffer, 0, undefined);
    return receiveFds(this, buffer, maxFds, flags, this.#credentials);
  }

  /**
   * Ends writing. The peer receives every message that was sent, and then the end. You can still receive.
   *
   * @throws SystemError `ENOTCONN` if it is not connected.
   */
  shutdownWrite(): void {
    const native = binding();
    checked(native.shutdown(this.fd, native.socketConstants.SHUT_WR), 'shutdown', this.fd);
  }

  /**
   * Makes {@link UnixSeqpacket.receiveFds} report which process sent a message, as `credentials` (SO_PASSCRED).
   *
   * The kernel notes the sender when it sends. A message that was sent before you turn this on has pid 0, uid 65534 and gid
   * 65534, and its sender is unknown. {@link UnixSeqpacket.peerCredentials} needs no such preparation, but one connection
   * can have several senders: a process passes its end on, or to its children.
   *
   * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
   */
  setCredentials(credentials: boolean): void {
    this.#credentials = setPassCredentials(this.fd, credentials);
  }
}
