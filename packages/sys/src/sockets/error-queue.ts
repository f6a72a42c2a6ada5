import { constants } from 'node:os';
import { binding } from '../addon/binding.js';
import { LITTLE_ENDIAN } from '../addon/c-types.js';
import { checkedUnlessBlocked, type SystemError, systemError } from '../addon/system-error.js';
import { checkSlice } from '../arguments/check.js';
import type { Message } from './message.js';
import { familyOf, MAX_SOCKADDR } from './sockaddr.js';
import { getOption } from './socket-option.js';

// struct sock_extended_err of linux/errqueue.h, in the byte order of this machine. The sockaddr of the offender
// follows.
const ERRNO_AT = 0;
const ORIGIN_AT = 4;
const TYPE_AT = 5;
const CODE_AT = 6;
const INFO_AT = 8;
const OFFENDER_AT = 16;
const AF_UNSPEC = 0;
const { EOPNOTSUPP } = constants.errno;

// Filled by recvmsg, and read before the next call.
const sockaddr = new Uint8Array(MAX_SOCKADDR);
const entry = new Uint8Array(OFFENDER_AT + MAX_SOCKADDR);
const view = new DataView(entry.buffer);
const outcome = new Uint32Array(3);

/**
 * An entry of the error queue of a socket: it says why a datagram did not arrive. `length` counts the bytes of the
 * datagram.
 */
export interface QueuedError<Address> extends Message {
  /** The cause, such as `ECONNREFUSED`, `EHOSTUNREACH` or `EMSGSIZE`. Its `syscall` is `'recvmsg'`, which read it. */
  readonly error: SystemError;
  /** Where the error comes from: 1 this machine, 2 ICMP, 3 ICMPv6; `SO_EE_ORIGIN_…` of `<linux/errqueue.h>`. */
  readonly origin: number;
  /** The type of the ICMP message; 0 without a message. */
  readonly type: number;
  /** The code of the ICMP message; 0 without a message. */
  readonly code: number;
  /** More about the error: for `EMSGSIZE`, the MTU of the path in bytes. */
  readonly info: number;
  /** The destination of the datagram; `undefined` if the kernel does not report it. */
  readonly to: Address | undefined;
  /** The sender of the ICMP message, with port 0; `undefined` if there was no message. */
  readonly offender: Address | undefined;
}

/**
 * Takes the first entry from the error queue.
 *
 * @throws SystemError `EOPNOTSUPP` if this is not an IP socket: other sockets ignore MSG_ERRQUEUE and would receive.
 */
export function receiveError<Address>(
  socket: { readonly fd: number },
  buffer: Uint8Array,
  offset: number,
  length: number | undefined,
  toAddress: (sockaddr: Uint8Array) => Address,
): QueuedError<Address> | undefined {
  const native = binding();
  const count = checkSlice(buffer, offset, length);
  const { fd } = socket;
  const { AF_INET, AF_INET6, MSG_TRUNC } = native.socketConstants;
  if (![AF_INET, AF_INET6].includes(getOption(fd, 'SOL_SOCKET', 'SO_DOMAIN'))) {
    throw systemError(-EOPNOTSUPP, 'recvmsg', fd);
  }
  entry.fill(0);
  const result = native.recverr(fd, buffer, offset, count, sockaddr, entry, outcome);
  const received = checkedUnlessBlocked(result, 'recvmsg', fd);
  if (received === undefined) {
    return undefined;
  }
  const [nameSize = 0, size = 0, flags = 0] = outcome;
  const addressOf = (bytes: Uint8Array) => (familyOf(bytes) === AF_UNSPEC ? undefined : toAddress(bytes));
  return {
    length: received,
    truncated: (flags & MSG_TRUNC) !== 0,
    error: systemError(-view.getUint32(ERRNO_AT, LITTLE_ENDIAN), 'recvmsg', fd),
    origin: view.getUint8(ORIGIN_AT),
    type: view.getUint8(TYPE_AT),
    code: view.getUint8(CODE_AT),
    info: view.getUint32(INFO_AT, LITTLE_ENDIAN),
    to: addressOf(sockaddr.subarray(0, nameSize)),
    offender: addressOf(entry.subarray(OFFENDER_AT, Math.max(OFFENDER_AT, size))),
  };
}
