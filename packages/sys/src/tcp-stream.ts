import { constants } from 'node:os';
import { type Binding, binding } from './binding.js';
import { OwnedFd } from './owned-fd.js';
import { checkSlice } from './slice.js';
import { addressOf, type SocketAddress, toSockaddr } from './socket-address.js';
import { checked, checkedUnlessBlocked, type SystemError, systemError } from './system-error.js';
import { openTcpSocket } from './tcp-socket.js';

const { EINPROGRESS } = constants.errno;

/** Options of {@link TcpStream.connect}. */
export interface ConnectOptions {
  /** An IP address. Names are resolved by `node:dns`. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/**
 * One end of a TCP connection, non-blocking.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/tcp.7.html | tcp(7)}
 */
export class TcpStream extends OwnedFd {
  readonly #native: Binding = binding();

  /** @param fd - A connected or connecting TCP socket; it belongs to the stream from now on. */
  constructor(fd: number) {
    super(fd);
  }

  /**
   * Starts to connect. The stream reports `OUT` once it is connected, `OUT|ERROR|HANG_UP` if that failed:
   * {@link TcpStream.takeError} says how.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `ENETUNREACH`, `EADDRNOTAVAIL`, `EMFILE`, `ENFILE`, `ENOBUFS`.
   */
  static connect(options: ConnectOptions): TcpStream {
    const native = binding();
    const sockaddr = toSockaddr(native, options.host, options.port);
    const fd = openTcpSocket(native, sockaddr, (socket) => {
      const result = native.connect(socket, sockaddr);
      if (result !== -EINPROGRESS) {
        checked(result, 'connect', socket);
      }
    });
    return new TcpStream(fd);
  }

  /** Where this end is. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get localAddress(): SocketAddress {
    return addressOf(this.#native, this.fd, 'getsockname');
  }

  /** Where the other end is. @throws SystemError `ENOTCONN` if not connected; EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get remoteAddress(): SocketAddress {
    return addressOf(this.#native, this.fd, 'getpeername');
  }

  /**
   * Receives what is there.
   *
   * @param length - At most so many bytes; to the end of the buffer if not given.
   * @returns How many bytes, 0 if the peer will send no more, `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(this.#native.recv(this.fd, buffer, offset, count), 'recv', this.fd);
  }

  /**
   * Sends as much as there is room for.
   *
   * @param length - At most so many bytes; to the end of the buffer if not given.
   * @returns How many bytes were taken, which may be less than asked for, `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EPIPE`, `ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(this.#native.send(this.fd, buffer, offset, count), 'send', this.fd);
  }

  /**
   * Says that nothing more will be written; the peer reads to the end of what was. Reading goes on.
   *
   * @throws SystemError `ENOTCONN` if not connected any more; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  shutdownWrite(): void {
    checked(this.#native.shutdown(this.fd, this.#native.socketConstants.SHUT_WR), 'shutdown', this.fd);
  }

  /**
   * Sends small writes at once instead of gathering them (TCP_NODELAY).
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  setNoDelay(noDelay: boolean): void {
    const { IPPROTO_TCP, TCP_NODELAY } = this.#native.socketConstants;
    checked(this.#native.setsockopt(this.fd, IPPROTO_TCP, TCP_NODELAY, noDelay ? 1 : 0), 'setsockopt', this.fd);
  }

  /**
   * Takes the pending error, such as why a connect failed, and clears it.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  takeError(): SystemError | undefined {
    const { SOL_SOCKET, SO_ERROR } = this.#native.socketConstants;
    const errno = checked(this.#native.getsockopt(this.fd, SOL_SOCKET, SO_ERROR), 'getsockopt', this.fd);
    return errno === 0 ? undefined : systemError(-errno, 'connect', this.fd);
  }
}
