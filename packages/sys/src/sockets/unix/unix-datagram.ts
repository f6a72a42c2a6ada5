import type { FdLike } from '@em/core';
import { type Binding, binding } from '../../addon/binding.js';
import { checkedUnlessBlocked } from '../../addon/system-error.js';
import { CheckedFd, fdObject } from '../../fds/owned-fd.js';
import { checkBatch } from '../batch/datagram-batch.js';
import { checkEntries, receiveMany } from '../batch/transfer.js';
import { UnixDatagramBatch } from '../batch/unix-datagram-batch.js';
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
import { adoptSocket } from '../socket-kind.js';
import { setPassCredentials } from './credentials.js';
import {
  fromUnixSockaddr,
  sockaddrFrom,
  toUnixSockaddr,
  type UnixAddress,
  type UnixName,
  unixAddressOf,
} from './unix-address.js';

/**
 * A non-blocking unix datagram socket: it carries messages between processes of this machine, in order and without
 * loss. It reports `IN` while a message is there, even an empty one. It reports `OUT` while there is room; if it is
 * connected, only while the peer has room too.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixDatagram extends DatagramSocket {
  readonly #native: Binding = binding();
  #credentials = false;

  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /** Takes over the fd of an existing unix datagram socket: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): UnixDatagram {
    return adoptSocket(UnixDatagram, fd, 'a unix datagram socket');
  }

  /**
   * Binds a socket, so that others can send to it. Binding to a path makes a file, which stays after the socket is
   * closed: remove it after `close`, or before the next `bind`. This package never removes files. An abstract name
   * leaves no file.
   *
   * @throws SystemError `EADDRINUSE` if the file exists, in use or not, or the abstract name is taken; `EACCES`,
   * `ENOENT`, `ENOTDIR`, `EROFS` as for any file; `EMFILE`, `ENFILE`.
   */
  static override bind(options: UnixAddress): UnixDatagram {
    return fdObject(UnixDatagram, openBound('SOCK_DGRAM', sockaddrFrom(options)));
  }

  /**
   * Connects a socket that has no name to one receiver, which cannot answer.
   *
   * @throws SystemError `ECONNREFUSED` if no socket is bound there, `ENOENT` if there is no such file, `EACCES`,
   * `EPROTOTYPE` if it is another type of socket, `EMFILE`, `ENFILE`.
   */
  static connect(options: UnixAddress): UnixDatagram {
    return fdObject(UnixDatagram, openConnected('SOCK_DGRAM', sockaddrFrom(options)));
  }

  /** Makes two sockets that are connected to each other and have no names. @throws SystemError `EMFILE`, `ENFILE`. */
  static pair(): [UnixDatagram, UnixDatagram] {
    const [one, other] = openUnixPair('SOCK_DGRAM');
    return [fdObject(UnixDatagram, one), fdObject(UnixDatagram, other)];
  }

  /** The name of this socket; `undefined` if it has none. */
  get localAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }

  /** The name of the peer. @throws SystemError `ENOTCONN` if the socket is not connected. */
  get remoteAddress(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getpeername');
  }

  /**
   * Sends one message, which may be empty, to a path or abstract name, such as the `from` of a message you received.
   *
   * @param path - Text, or bytes if it is not UTF-8.
   * @param length - Number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes, always `length`; `undefined` if the receiver has no room: it would block. No event
   * follows when it has room again; only a connected socket reports that, as `OUT`.
   * @throws SystemError `ECONNREFUSED` if no socket is bound there, `ENOENT` if there is no such file, `EACCES`,
   * `EPERM` if the receiver is connected to another socket, `EMSGSIZE` if the message is too long.
   */
  sendTo(path: string | Uint8Array, buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const sockaddr = toUnixSockaddr(path);
    return sendTo(this, sockaddr, buffer, offset, length);
  }

  /**
   * Receives one message and the name of its sender: text, or bytes if it is not UTF-8; `undefined` if the sender has
   * no name.
   *
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` leaves the data in place. `MSG_OOB` receives urgent data, which `PRIORITY` reports. Both
   * are in {@link Socket.constants}. Defaults to 0.
   * @returns `undefined` if there is no message: it would block.
   * @throws SystemError `ECONNRESET` if the other end of a pair is closed.
   */
  receiveFrom(
    buffer: Uint8Array,
    offset: number = 0,
    length?: number,
    flags: number = 0,
  ): Datagram<UnixName | undefined> | undefined {
    return receiveFrom(this, buffer, offset, length, fromUnixSockaddr, flags, undefined, this.#credentials);
  }

  /**
   * Receives as many messages as there are, in one system call. The entries of the batch from 0 on get the messages and
   * the names of their senders. Fds that come with a message are closed.
   *
   * @param count - Maximum number of messages, from 1 to the capacity of the batch, which is the default. A small number
   * costs less if few messages are there.
   * @returns The number of entries that have a message now; `undefined` if no message is there: it would block. With
   * fewer than `count`, all or nearly all have been received. An `EDGE_TRIGGERED` registration must call until it gets
   * `undefined`.
   * @throws SystemError `ECONNRESET` if the other end of a pair is closed. The error is thrown when the messages before it
   * have been received.
   * @see {@link https://man7.org/linux/man-pages/man2/recvmmsg.2.html | recvmmsg(2)}
   */
  receiveMany(batch: UnixDatagramBatch, count?: number): number | undefined {
    return receiveMany(this.#native, this, checkBatch(UnixDatagramBatch, batch), count, 0);
  }

  /**
   * Sends entries of a batch, each to its peer, in one system call.
   *
   * @param count - The number of entries.
   * @param start - The index of the first one. Defaults to 0.
   * @returns The number of entries that were sent. If there are fewer than `count`, call again with the rest: that
   * returns `undefined` if the receiver has no room, or throws the error of the first entry of the rest.
   * @throws The same as {@link UnixDatagram.sendTo} for the first entry: nothing was sent.
   * @see {@link https://man7.org/linux/man-pages/man2/sendmmsg.2.html | sendmmsg(2)}
   */
  sendMany(batch: UnixDatagramBatch, count: number, start: number = 0): number | undefined {
    const { bytes, entries } = checkEntries(checkBatch(UnixDatagramBatch, batch), count, start);
    const { fd } = this;
    return checkedUnlessBlocked(this.#native.sendmmsg(fd, bytes, entries, start, count, 0), 'sendmmsg', fd);
  }

  /**
   * Sends one message with fds to the peer that the socket is connected to. The peer gets its own fds for the same open
   * files. Yours stay open, and you may close them at once.
   *
   * @param fds - 1 to 253 of them, as numbers or as objects with an `fd`.
   * @returns The number of bytes, always the length of the buffer; `undefined` if it would block: nothing was sent.
   * @throws The same as `send`; SystemError `EBADF` if an fd is not open, `ETOOMANYREFS` if too many fds are under way.
   */
  sendFds(fds: readonly FdLike[], buffer: Uint8Array): number | undefined {
    return sendFds(this, fds, buffer);
  }

  /**
   * Receives one message, the name of its sender, and the fds that came with it, which you must close. `receiveFrom`
   * receives no fds: the kernel closes them.
   *
   * @param maxFds - Maximum number of fds to receive, 0 to 253. Defaults to 253.
   * @param flags - As for `receive`. With `MSG_PEEK`, the fds are duplicates, which you must close too.
   * @returns `undefined` if there is no message: it would block.
   * @throws SystemError `ECONNRESET` if the other end of a pair is closed.
   */
  receiveFds(
    buffer: Uint8Array,
    maxFds?: number,
    flags?: number,
  ): (Datagram<UnixName | undefined> & MessageWithFds) | undefined {
    const message = receiveFds(this, buffer, maxFds, flags, this.#credentials);
    return message && { ...message, from: fromUnixSockaddr(senderAddress()) };
  }

  /**
   * Makes {@link UnixDatagram.receiveFrom} and {@link UnixDatagram.receiveFds} report which process sent a message, as
   * `credentials` (SO_PASSCRED).
   *
   * The kernel notes the sender when it sends. So turn this on before anyone can send, right after `bind`: a message
   * that was sent earlier has pid 0, uid 65534 and gid 65534, and its sender is unknown. While this is on, the socket
   * gets an abstract name when it sends or connects, if it has none.
   *
   * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
   */
  setCredentials(credentials: boolean): void {
    this.#credentials = setPassCredentials(this.fd, credentials);
  }
}
