import { binding } from '../../addon/binding.js';
import { checkedUnlessBlocked } from '../../addon/system-error.js';
import { Socket } from '../socket.js';
import { type UnixName, unixAddressOf } from './unix-address.js';
import { UnixSeqpacket } from './unix-seqpacket.js';
import { listenUnix, type UnixListenOptions } from './unix-socket.js';

/**
 * A listening unix seqpacket socket, non-blocking: `IN` while a connection waits to be accepted.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixSeqpacketListener extends Socket {
  /** @param fd - A listening unix seqpacket socket; it belongs to the listener from now on. */
  constructor(fd: number) {
    super(fd);
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
  static listen(options: UnixListenOptions): UnixSeqpacketListener {
    return new UnixSeqpacketListener(listenUnix('SOCK_SEQPACKET', options));
  }

  /** Where it listens. @throws EventManagerError `ERR_EM_CLOSED` if it is closed. */
  get address(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }

  /**
   * Accepts a connection.
   *
   * @returns `undefined` if none is waiting: it would block.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files: the connection goes on waiting, and the
   * listener goes on reporting `IN`; pause it.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  accept(): UnixSeqpacket | undefined {
    const fd = checkedUnlessBlocked(binding().accept(this.fd), 'accept', this.fd);
    return fd === undefined ? undefined : new UnixSeqpacket(fd);
  }
}
