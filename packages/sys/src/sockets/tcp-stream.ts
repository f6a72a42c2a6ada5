import { checkInteger } from '@em/core/check';
import { checkObject } from '../arguments/check-object.js';
import { ipAddressOf, type SocketAddress, toIpSockaddr } from './ip-address.js';
import { openConnected } from './open-socket.js';
import { setOption, toFlag } from './socket-option.js';
import { StreamSocket } from './stream-socket.js';

/** `MAX_TCP_KEEPIDLE` of net/tcp.h. */
const MAX_KEEP_IDLE_SECONDS = 32_767;

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
export class TcpStream extends StreamSocket {
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
    const { host, port } = checkObject('options', options);
    return new TcpStream(openConnected('SOCK_STREAM', toIpSockaddr(host, port)));
  }

  /** Where this end is. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get localAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getsockname');
  }

  /** Where the other end is. @throws SystemError `ENOTCONN` if not connected; EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get remoteAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getpeername');
  }

  /**
   * Sends small writes at once instead of gathering them (TCP_NODELAY).
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `noDelay` is no boolean.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  setNoDelay(noDelay: boolean): void {
    setOption(this.fd, 'IPPROTO_TCP', 'TCP_NODELAY', toFlag('noDelay', noDelay));
  }

  /**
   * Has the kernel ask an idle peer whether it is still there (SO_KEEPALIVE); one that is not shows as `ETIMEDOUT`.
   *
   * @param idleSeconds - How long it may be idle before it is asked, 1 to 32,767 (TCP_KEEPIDLE). As it was, 7,200 unless
   * the system says otherwise, if not given.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  setKeepAlive(keepAlive: boolean, idleSeconds?: number): void {
    const flag = toFlag('keepAlive', keepAlive);
    if (idleSeconds !== undefined) {
      checkInteger('idleSeconds', idleSeconds, 1, MAX_KEEP_IDLE_SECONDS);
      setOption(this.fd, 'IPPROTO_TCP', 'TCP_KEEPIDLE', idleSeconds);
    }
    setOption(this.fd, 'SOL_SOCKET', 'SO_KEEPALIVE', flag);
  }
}
