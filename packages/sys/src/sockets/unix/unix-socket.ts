import { checkInteger } from '@em/core/check';
import { binding } from '../../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../../addon/system-error.js';
import { checkObject } from '../../arguments/check-object.js';
import { openPair } from '../../fds/fd-pair.js';
import { openSocket } from '../open-socket.js';
import { toUnixSockaddr } from './unix-address.js';

/** Where a unix socket is. */
export interface UnixAddress {
  /**
   * A path in the file system of 1 to 107 bytes, or an abstract name: a NUL (`'\0'`) and up to 107 bytes. An abstract
   * name belongs to the network namespace, has no permissions, and is gone with its socket. Text, or bytes if it is not
   * UTF-8.
   */
  readonly path: string | Uint8Array;
}

/** Options of {@link UnixListener.listen} and {@link UnixSeqpacketListener.listen}. */
export interface UnixListenOptions extends UnixAddress {
  /** How many connections may wait to be accepted, 511 if not given. The kernel caps it at `net.core.somaxconn`. */
  readonly backlog?: number | undefined;
}

type Connected = 'SOCK_STREAM' | 'SOCK_SEQPACKET';

export function listenUnix(type: Connected, options: UnixListenOptions): number {
  const { path, backlog = 511 } = checkObject('options', options);
  checkInteger('backlog', backlog, 0, 0x7fff_ffff);
  return bindUnix(type, path, (socket) => checked(binding().listen(socket, backlog), 'listen', socket));
}

/** Opens a socket, binds it, and sets it up further. */
export function bindUnix(
  type: Connected | 'SOCK_DGRAM',
  path: string | Uint8Array,
  setUp?: (fd: number) => void,
): number {
  const sockaddr = toUnixSockaddr(path);
  const native = binding();
  return openSocket(native.socketConstants.AF_UNIX, type, (socket) => {
    checked(native.bind(socket, sockaddr), 'bind', socket);
    setUp?.(socket);
  });
}

/** Opens a socket and connects it; `undefined` if that would block. */
export function connectUnix(type: Connected, options: UnixAddress): number | undefined {
  const sockaddr = toUnixSockaddr(checkObject('options', options).path);
  const native = binding();
  let result = 0;
  const fd = openSocket(native.socketConstants.AF_UNIX, type, (socket) => {
    result = native.connect(socket, sockaddr);
    checkedUnlessBlocked(result, 'connect', socket);
  });
  if (result < 0) {
    native.close(fd);
    return undefined;
  }
  return fd;
}

export function pairUnix(type: Connected | 'SOCK_DGRAM'): [number, number] {
  const { socketConstants, socketpair } = binding();
  return openPair('socketpair', (ends) => socketpair(socketConstants.AF_UNIX, socketConstants[type], 0, ends));
}
