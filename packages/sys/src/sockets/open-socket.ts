import { constants } from 'node:os';
import { checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checked, systemError } from '../addon/system-error.js';
import { openPair } from '../fds/io.js';
import { formatSockaddr } from './format-sockaddr.js';
import { familyOf } from './sockaddr.js';
import { setFlag } from './socket-option.js';

const { EAGAIN, EINPROGRESS } = constants.errno;
const DEFAULT_BACKLOG = 511;

type SocketType = 'SOCK_STREAM' | 'SOCK_DGRAM' | 'SOCK_SEQPACKET';

/** Which other sockets a socket shares its address with. Must be set before the socket is bound. */
interface Sharing {
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly ipv6Only: boolean;
}

/** Opens a socket, binds it to an address, and lets it listen if there is a `backlog`. */
export function openBound(type: SocketType, sockaddr: Uint8Array, sharing?: Sharing, backlog?: number): number {
  const native = binding();
  return open(type, sockaddr, (fd) => {
    if (sharing !== undefined) {
      share(fd, sockaddr, sharing);
    }
    bind(fd, sockaddr);
    if (backlog !== undefined) {
      checked(native.listen(fd, backlog), 'listen', fd);
    }
  });
}

/** Sets every option, so that none depends on the settings of the system. `ipv6Only` does not apply to IPv4. */
function share(fd: number, sockaddr: Uint8Array, { reuseAddress, reusePort, ipv6Only }: Sharing): void {
  setFlag(fd, 'SOL_SOCKET', 'SO_REUSEADDR', reuseAddress);
  setFlag(fd, 'SOL_SOCKET', 'SO_REUSEPORT', reusePort);
  if (familyOf(sockaddr) === binding().socketConstants.AF_INET6) {
    setFlag(fd, 'IPPROTO_IPV6', 'IPV6_V6ONLY', ipv6Only);
  }
}

/** Opens a socket and connects it, or starts to. */
export function openConnected(type: SocketType, sockaddr: Uint8Array): number {
  return open(type, sockaddr, (fd) => connect(fd, sockaddr));
}

/** Opens a socket and connects it. Returns `undefined` if that would block. */
export function openConnectedUnlessBlocked(type: SocketType, sockaddr: Uint8Array): number | undefined {
  const native = binding();
  let result = 0;
  const fd = open(type, sockaddr, (socket) => {
    result = native.connect(socket, sockaddr);
    if (result !== -EAGAIN) {
      checkedFor(sockaddr, result, 'connect', socket);
    }
  });
  if (result < 0) {
    native.close(fd);
    return undefined;
  }
  return fd;
}

/** Opens two unix sockets that are connected to each other. */
export function openUnixPair(type: SocketType): [number, number] {
  const { socketConstants, socketpair } = binding();
  return openPair('socketpair', (ends) => socketpair(socketConstants.AF_UNIX, socketConstants[type], 0, ends));
}

export function bind(fd: number, sockaddr: Uint8Array): void {
  checkedFor(sockaddr, binding().bind(fd, sockaddr), 'bind', fd);
}

/** Connects a socket. Returns `false` if it is not connected yet. */
export function connect(fd: number, sockaddr: Uint8Array): boolean {
  const result = binding().connect(fd, sockaddr);
  if (result === -EINPROGRESS) {
    return false;
  }
  checkedFor(sockaddr, result, 'connect', fd);
  return true;
}

/** Throws the error of a system call. Its message ends with the address: `bind 127.0.0.1:80`. */
function checkedFor(sockaddr: Uint8Array, result: number, syscall: string, fd: number): void {
  if (result < 0) {
    const error = systemError(result, syscall, fd);
    throw Object.assign(error, { message: `${error.message}${formatSockaddr(sockaddr)}` });
  }
}

/**
 * Checks how many connections may wait to be accepted.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is not an integer of 0 to 2³¹ − 1.
 */
export function checkBacklog(backlog: unknown = DEFAULT_BACKLOG): number {
  return checkInteger('backlog', backlog, 0, MAX_INT);
}

/** Opens a socket of the family of an address and sets it up. Closes it again if the set-up throws. */
function open(type: SocketType, sockaddr: Uint8Array, setUp: (fd: number) => void): number {
  const native = binding();
  const fd = checked(native.socket(familyOf(sockaddr), native.socketConstants[type], 0), 'socket');
  try {
    setUp(fd);
  } catch (error) {
    native.close(fd);
    throw error;
  }
  return fd;
}
