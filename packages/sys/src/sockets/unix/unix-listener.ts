import { checkObject, refuseUnknown } from '../../arguments/check-object.js';
import { Listener } from '../listener.js';
import { checkBacklog, openBound } from '../open-socket.js';
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
  /** @param fd - A listening unix stream socket; it belongs to the listener from now on. */
  constructor(fd: number) {
    super(fd, (accepted) => new UnixStream(accepted));
  }

  /**
   * Binds a socket and starts to listen. Binding to a path makes a file, which stays after the socket is closed: remove
   * it after `close`, or before the next `listen`. This package never removes files. An abstract name leaves no file.
   *
   * @throws SystemError `EADDRINUSE` if the file exists, in use or not, or the abstract name is taken; `EACCES`,
   * `ENOENT`, `ENOTDIR`, `EROFS` as for any file; `EMFILE`, `ENFILE`.
   */
  static listen(options: UnixListenOptions): UnixListener {
    return new UnixListener(openListening('SOCK_STREAM', options));
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
  /** @param fd - A listening unix seqpacket socket; it belongs to the listener from now on. */
  constructor(fd: number) {
    super(fd, (accepted) => new UnixSeqpacket(accepted));
  }

  /** Binds a socket and starts to listen, in the same way as {@link UnixListener.listen}, which lists the errors. */
  static listen(options: UnixListenOptions): UnixSeqpacketListener {
    return new UnixSeqpacketListener(openListening('SOCK_SEQPACKET', options));
  }

  /** The name that it listens at. */
  get address(): UnixName | undefined {
    return unixAddressOf(this.fd, 'getsockname');
  }
}

function openListening(type: 'SOCK_STREAM' | 'SOCK_SEQPACKET', options: UnixListenOptions): number {
  const { path, backlog, ...unknown } = checkObject('options', options);
  refuseUnknown(unknown);
  return openBound(type, toUnixSockaddr(path), undefined, checkBacklog(backlog));
}
