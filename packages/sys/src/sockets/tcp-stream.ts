import { checkBoolean, checkOptions } from '@em/core/check';
import { CheckedFd, fdObject } from '../fds/owned-fd.js';
import { ipAddressOf, type SocketAddress, toIpSockaddr } from './ip-address.js';
import { openConnected } from './open-socket.js';
import { adoptSocket } from './socket-kind.js';
import { setFlag, setKeepAlive } from './socket-option.js';
import { StreamSocket } from './stream-socket.js';

/** Options of {@link TcpStream.connect}. */
export interface ConnectOptions {
  /** An IP address. Resolve names with `node:dns`. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/**
 * One end of a non-blocking TCP connection.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/tcp.7.html | tcp(7)}
 */
export class TcpStream extends StreamSocket {
  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /** Takes over the fd of an existing TCP stream: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): TcpStream {
    return adoptSocket(TcpStream, fd, 'a TCP stream');
  }

  /**
   * Starts to connect. The stream reports `OUT` when it is connected, and `OUT|ERROR|HANG_UP` if it failed to connect:
   * {@link TcpStream.takeError} returns the error.
   *
   * @throws SystemError `ENETUNREACH`, `EADDRNOTAVAIL`, `EMFILE`, `ENFILE`, `ENOBUFS`.
   */
  static connect(options: ConnectOptions): TcpStream {
    const { host, port } = checkOptions('options', options, ['host', 'port']);
    return fdObject(TcpStream, openConnected('SOCK_STREAM', toIpSockaddr(host, port)));
  }

  /** The address of this end. */
  get localAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getsockname');
  }

  /** The address of the other end. @throws SystemError `ENOTCONN` if the stream is not connected. */
  get remoteAddress(): SocketAddress {
    return ipAddressOf(this.fd, 'getpeername');
  }

  /** Makes the stream send small writes at once instead of gathering them (TCP_NODELAY). */
  setNoDelay(noDelay: boolean): void {
    setFlag(this.fd, 'IPPROTO_TCP', 'TCP_NODELAY', checkBoolean('noDelay', noDelay));
  }

  /**
   * Makes the kernel probe an idle peer (SO_KEEPALIVE). If the peer does not answer, the stream fails with `ETIMEDOUT`.
   *
   * @param idleSeconds - How long the connection may be idle before the first probe, 1 to 32,767 (TCP_KEEPIDLE).
   * Defaults to the present value, which starts as that of the system, usually 7,200.
   */
  setKeepAlive(keepAlive: boolean, idleSeconds?: number): void {
    setKeepAlive(this.fd, keepAlive, idleSeconds);
  }
}
