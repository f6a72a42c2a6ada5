import { checkObject } from '../arguments/check-object.js';
import { ipAddressOf, type SocketAddress, toIpSockaddr } from './ip-address.js';
import { Listener } from './listener.js';
import { checkBacklog, openBound } from './open-socket.js';
import { setOption, toFlag } from './socket-option.js';
import { TcpStream } from './tcp-stream.js';

/** Options of {@link TcpListener.listen}. */
export interface ListenOptions {
  /** An IP address; `'0.0.0.0'` for all of IPv4, `'::'` for all, IPv4 included. Names are resolved by `node:dns`. */
  readonly host: string;
  /** 0 to 65535; 0 lets the kernel choose: {@link TcpListener.address} says which. */
  readonly port: number;
  /** How many connections may wait to be accepted, 511 if not given. The kernel caps it at `net.core.somaxconn`. */
  readonly backlog?: number | undefined;
  /** Lets other sockets of this user with this option listen there too; the kernel shares out the connections. */
  readonly reusePort?: boolean | undefined;
  /** Leaves IPv4 out, where the host is `'::'`. */
  readonly ipv6Only?: boolean | undefined;
}

/**
 * A listening TCP socket, non-blocking: `IN` while a connection waits to be accepted.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/accept.2.html | accept(2)}
 */
export class TcpListener extends Listener<TcpStream> {
  /** @param fd - A listening TCP socket; it belongs to the listener from now on. */
  constructor(fd: number) {
    super(fd, (accepted) => new TcpStream(accepted));
  }

  /**
   * Binds and listens. The address may still linger from a former listener (SO_REUSEADDR), but not be in use.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EADDRINUSE`, `EACCES` (a port below 1024 without the right to it), `EADDRNOTAVAIL`, `EMFILE`,
   * `ENFILE`.
   */
  static listen(options: ListenOptions): TcpListener {
    const { host, port, backlog, reusePort = false, ipv6Only = false } = checkObject('options', options);
    const sockaddr = toIpSockaddr(host, port);
    const sharing = { reuseAddress: true, reusePort, ipv6Only };
    return new TcpListener(openBound('SOCK_STREAM', sockaddr, sharing, checkBacklog(backlog)));
  }

  /** Where it listens. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get address(): SocketAddress {
    return ipAddressOf(this.fd, 'getsockname');
  }

  /**
   * Has connections accepted from now on send small writes at once instead of gathering them (TCP_NODELAY): they have it
   * from the listener, and need not be asked one by one.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `noDelay` is no boolean.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  setNoDelay(noDelay: boolean): void {
    setOption(this.fd, 'IPPROTO_TCP', 'TCP_NODELAY', toFlag('noDelay', noDelay));
  }
}
