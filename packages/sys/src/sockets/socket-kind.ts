import { checkFd } from '@em/core/check';
import { binding, type SocketConstants } from '../addon/binding.js';
import { adopt, kindOf } from '../fds/adopt.js';
import type { FdClass, OwnedFd } from '../fds/owned-fd.js';
import { getOption } from './socket-option.js';

/** The kind of a socket, as {@link socketKind} returns it. */
export interface SocketKind {
  /** `undefined` for another family, such as netlink. */
  readonly family: 'IPv4' | 'IPv6' | 'unix' | undefined;
  /** `undefined` for another type, such as raw. */
  readonly type: 'stream' | 'datagram' | 'seqpacket' | undefined;
  /** Whether connections can be accepted from it. */
  readonly listening: boolean;
}

const FAMILIES = { AF_INET: 'IPv4', AF_INET6: 'IPv6', AF_UNIX: 'unix' } as const;
const TYPES = { SOCK_STREAM: 'stream', SOCK_DGRAM: 'datagram', SOCK_SEQPACKET: 'seqpacket' } as const;

/**
 * Asks the kernel for the kind of a socket that this process has not made, such as an inherited one, so that you can
 * pick the class for it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` is not a file descriptor number.
 * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
 * @throws SystemError `ENOTSOCK` if it is not a socket, `EBADF` if it is not open.
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7)}
 */
export function socketKind(fd: number): SocketKind {
  checkFd(fd);
  return {
    family: nameOf(FAMILIES, getOption(fd, 'SOL_SOCKET', 'SO_DOMAIN')),
    type: nameOf(TYPES, getOption(fd, 'SOL_SOCKET', 'SO_TYPE')),
    listening: getOption(fd, 'SOL_SOCKET', 'SO_ACCEPTCONN') !== 0,
  };
}

/** Multipath TCP, linux/in.h: its sockets have the calls and options of TCP. */
const IPPROTO_MPTCP = 262;

/** Makes an object of a socket that exists, as {@link adopt} does. */
export function adoptSocket<T extends OwnedFd>(type: FdClass<T>, fd: number, expected: string): T {
  return adopt(type, fd, [expected], (socket) => {
    const kind = kindOf(socket);
    return kind === 'a socket' ? nameOfSocket(socket) : kind;
  });
}

/** Returns for example `'a TCP listener'`. */
function nameOfSocket(fd: number): string {
  const { family, type, listening } = socketKind(fd);
  const role = listening ? 'listener' : 'stream';
  if (family === 'unix') {
    return type === 'stream'
      ? `a unix ${role}`
      : `a unix ${type} ${type === 'seqpacket' && listening ? 'listener' : 'socket'}`;
  }
  const protocol = getOption(fd, 'SOL_SOCKET', 'SO_PROTOCOL');
  const { IPPROTO_TCP, IPPROTO_UDP } = binding().socketConstants;
  if (family !== undefined && type === 'stream' && (protocol === IPPROTO_TCP || protocol === IPPROTO_MPTCP)) {
    return `a TCP ${role}`;
  }
  if (family !== undefined && type === 'datagram' && protocol === IPPROTO_UDP) {
    return 'a UDP socket';
  }
  const familyNumber = getOption(fd, 'SOL_SOCKET', 'SO_DOMAIN');
  const typeNumber = getOption(fd, 'SOL_SOCKET', 'SO_TYPE');
  return `a socket of family ${familyNumber}, type ${typeNumber}, protocol ${protocol}`;
}

function nameOf<N extends keyof SocketConstants, T>(names: Readonly<Record<N, T>>, value: number): T | undefined {
  const { socketConstants } = binding();
  const constants = Object.keys(names) as N[];
  const constant = constants.find((name) => socketConstants[name] === value);
  return constant && names[constant];
}
