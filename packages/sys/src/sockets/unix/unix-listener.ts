import { checkOptions } from '@em/core/check';
import { CheckedFd, fdObject } from '../../fds/owned-fd.js';
import { Listener } from '../listener.js';
import { checkBacklog, openBound } from '../open-socket.js';
import { adoptSocket } from '../socket-kind.js';
import { toUnixSockaddr, type UnixAddress, type UnixName, unixAddressOf } from './unix-address.js';
import { UnixSeqpacket } from './unix-seqpacket.js';
import { UnixStream } from './unix-stream.js';

/** Options of {@link UnixListener.listen} and {@link UnixSeqpacketListener.listen}. */
export interface UnixListenOptions extends UnixAddress {
  /** How many connections may wait to be accepted. Defaults to 511. The kernel caps it at `net.core.somaxconn`. */
  readonly backlog?: number | undefined;
}

/**
 * A non-blocking unix stream socket that listens. It reports `IN` while a connection waits to be accepted.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixListener extends Listener<UnixStream> {
  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd), (accepted) => fdObject(UnixStream, accepted));
  }

  /** Takes over the fd of an existing unix listener: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): UnixListener {
    return adoptSocket(UnixListener, fd, 'a unix listener');
  }

  /**
   * Binds a socket and starts to listen. Binding to a path makes a file, which stays after the socket is closed: remove
   * it after `close`, or before the next `listen`. This package never removes files. An abstract name leaves no file.
   *
   * @throws SystemError `EADDRINUSE` if the file exists, in use or not, or the abstract name is taken; `EACCES`,
   * `ENOENT`, `ENOTDIR`, `EROFS` as for any file; `EMFILE`, `ENFILE`.
   */
  static listen(options: UnixListenOptions): UnixListener {
    return fdObject(UnixListener, openListening('SOCK_STREAM', options));
  }

  /** The name that it listens at. */
  get address(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }
}

/**
 * A non-blocking unix seqpacket socket that listens. It reports `IN` while a connection waits to be accepted.
 *
 * {@link Socket} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export class UnixSeqpacketListener extends Listener<UnixSeqpacket> {
  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd), (accepted) => fdObject(UnixSeqpacket, accepted));
  }

  /** Takes over the fd of an existing unix seqpacket listener: sets close-on-exec and `O_NONBLOCK`. */
  static adopt(fd: number): UnixSeqpacketListener {
    return adoptSocket(UnixSeqpacketListener, fd, 'a unix seqpacket listener');
  }

  /** Binds a socket and starts to listen, in the same way as {@link UnixListener.listen}, which lists the errors. */
  static listen(options: UnixListenOptions): UnixSeqpacketListener {
    return fdObject(UnixSeqpacketListener, openListening('SOCK_SEQPACKET', options));
  }

  /** The name that it listens at. */
  get address(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }
}

function openListening(type: 'SOCK_STREAM' | 'SOCK_SEQPACKET', options: UnixListenOptions): number {
  const { path, backlog } = checkOptions('options', options, ['path', 'backlog']);
  return openBound(type, toUnixSockaddr(path), undefined, checkBacklog(backlog));
}
