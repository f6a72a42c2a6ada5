import { checkBoolean, checkOptions } from '@em/core/check';
import { CheckedFd, fdObject } from '../fds/owned-fd.js';
import { ipAddressOf, type SocketAddress, toIpSockaddr } from './ip-address.js';
import { Listener } from './listener.js';
import { checkBacklog, openBound } from './open-socket.js';
import { adoptSocket } from './socket-kind.js';
import { setFlag, setKeepAlive } from './socket-option.js';
import { TcpStream } from './tcp-stream.js';

/** Options of {@link TcpListener.listen}. */
export interface ListenOptions {
  /** An IP address: `'0.0.0.0'` for all of IPv4, `'::'` for all, IPv4 included. Resolve names with `node:dns`. */
  readonly host: string;
  /** 0 to 65535. With 0, the kernel chooses a port: see {@link TcpListener.address}. */
  readonly port: number;
  /** How many connections may wait to be accepted. Defaults to 511. The kernel caps it at `net.core.somaxconn`. */
  readonly backlog?: number | undefined;
  /**
   * Lets several sockets of one user listen at this address, if all set this option. The kernel distributes the
   * connections among them.
   */
  readonly reusePort?: boolean | undefined;
  /** Excludes IPv4 if the host is `'::'`. */
  readonly ipv6Only?: boolean | undefined;
}

/**
 * A non-blocking TCP socket that listens. It reports `IN` while a connection waits to be accepted.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/accept.2.html | accept(2)}
 */
export class TcpListener extends Listener<TcpStream> {
  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd), (accepted) => fdObject(TcpStream, accepted));
  }

  /** Takes over the fd of an existing TCP listener: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): TcpListener {
    return adoptSocket(TcpListener, fd, 'a TCP listener');
  }

  /**
   * Binds a socket and starts to listen. Fails if the address is in use; an address that lingers from a former listener
   * is free (SO_REUSEADDR).
   *
   * @throws SystemError `EADDRINUSE`, `EACCES` (a port below 1024 without the right to it), `EADDRNOTAVAIL`, `EMFILE`,
   * `ENFILE`.
   */
  static listen(options: ListenOptions): TcpListener {
    const {
      host,
      port,
      backlog,
      reusePort = false,
      ipv6Only = false,
    } = checkOptions('options', options, ['host', 'port', 'backlog', 'reusePort', 'ipv6Only']);
    const sockaddr = toIpSockaddr(host, port);
    const sharing = {
      reuseAddress: true,
      reusePort: checkBoolean('reusePort', reusePort),
      ipv6Only: checkBoolean('ipv6Only', ipv6Only),
    };
    return fdObject(TcpListener, openBound('SOCK_STREAM', sockaddr, sharing, checkBacklog(backlog)));
  }

  /** The address that it listens at. */
  get address(): SocketAddress {
    return ipAddressOf(this.fd, 'getsockname');
  }

  /**
   * Makes connections that are accepted from now on send small writes at once instead of gathering them (TCP_NODELAY).
   * They inherit the option from the listener, so you need not set it for each.
   */
  setNoDelay(noDelay: boolean): void {
    setFlag(this.fd, 'IPPROTO_TCP', 'TCP_NODELAY', checkBoolean('noDelay', noDelay));
  }

  /**
   * Makes the kernel probe the idle peers of connections that are accepted from now on, as {@link TcpStream.setKeepAlive}
   * does. They inherit the options from the listener.
   *
   * @param idleSeconds - How long a connection may be idle before the first probe, 1 to 32,767 (TCP_KEEPIDLE). Defaults to
   * the present value, which starts as that of the system, usually 7,200.
   */
  setKeepAlive(keepAlive: boolean, idleSeconds?: number): void {
    setKeepAlive(this.fd, keepAlive, idleSeconds);
  }
}
