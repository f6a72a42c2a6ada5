import { checkObject } from '../../arguments/check-object.js';
import { Listener } from '../listener.js';
import { checkBacklog, openBound } from '../open-socket.js';
import { toUnixSockaddr, type UnixAddress, type UnixName, unixAddressOf } from './unix-address.js';
import { UnixSeqpacket } from './unix-seqpacket.js';
import { UnixStream } from './unix-stream.js';

/** Options of {@link UnixListener.listen} and {@link UnixSeqpacketListener.listen}. */
export interface UnixListenOptions extends UnixAddress {
  /** How many connections may wait to be accepted, 511 if not given. The kernel caps it at `net.core.somaxconn`. */
  readonly backlog?: number | undefined;
}

/**
 * A listening unix stream socket, non-blocking: `IN` while a connection waits to be accepted.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixListener extends Listener<UnixStream> {
  /** @param fd - A listening unix stream socket; it belongs to the listener from now on. */
  constructor(fd: number) {
    super(fd, (accepted) => new UnixStream(accepted));
  }

  /**
   * Binds and listens. Binding to a path makes a file there, which outlives the listener: remove it before the next
   * `listen`, or after `close`. Nothing here removes files. An abstract name leaves none.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option, such as a path too long.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EADDRINUSE` if there is such a file, used or not, or such a name; `EACCES`, `ENOENT`, `ENOTDIR`,
   * `EROFS` as for any file; `EMFILE`, `ENFILE`.
   */
  static listen(options: UnixListenOptions): UnixListener {
    return new UnixListener(openListening('SOCK_STREAM', options));
  }

  /** Where it listens. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get address(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }
}

/**
 * A listening unix seqpacket socket, non-blocking: `IN` while a connection waits to be accepted.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixSeqpacketListener extends Listener<UnixSeqpacket> {
  /** @param fd - A listening unix seqpacket socket; it belongs to the listener from now on. */
  constructor(fd: number) {
    super(fd, (accepted) => new UnixSeqpacket(accepted));
  }

  /** Binds and listens, as {@link UnixListener.listen} does. @throws As {@link UnixListener.listen} does. */
  static listen(options: UnixListenOptions): UnixSeqpacketListener {
    return new UnixSeqpacketListener(openListening('SOCK_SEQPACKET', options));
  }

  /** Where it listens. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get address(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }
}

function openListening(type: 'SOCK_STREAM' | 'SOCK_SEQPACKET', options: UnixListenOptions): number {
  const { path, backlog } = checkObject('options', options);
  return openBound(type, toUnixSockaddr(path), undefined, checkBacklog(backlog));
}
