import { isUint8Array } from 'node:util/types';
import type { FdLike } from '@em/core';
import { checkFd, checkInteger, invalidType, outOfRange } from '@em/core/check';
import { type Binding, binding } from '../addon/binding.js';
import { MAX_INT } from '../addon/c-types.js';
import { checkedUnlessBlocked } from '../addon/system-error.js';
import { byteLengthOf, checkSlice } from '../arguments/check.js';
import { MAX_SOCKADDR } from './sockaddr.js';

/** `SCM_MAX_FD` of net/scm.h: the most fds that one message carries. */
const MAX_FDS = 253;

const NO_ADDRESS = new Uint8Array(0);
const NO_FDS = new Uint32Array(0);
const NO_LOCAL = new Uint8Array(0);
const NO_CREDENTIALS = new Uint32Array(0);

// Filled by recvmsg, and read before the next call, so one of each is enough.
const sockaddr = new Uint8Array(MAX_SOCKADDR);
const fdRoom = new Uint32Array(MAX_FDS);
const credentialRoom = new Uint32Array(3);
const outcome = new Uint32Array(5);

/**
 * The object that sends and receives. Read its `fd` last: code of the caller, such as a getter of an argument, may
 * close it.
 */
interface HasFd {
  readonly fd: number;
}

/**
 * A process, as the kernel notes it when the process sends or connects. Only root can make the kernel note another
 * process.
 */
export interface Credentials {
  /**
   * The process id, 1 to 2³¹ − 1; 0 if the process is not in the PID namespace of this one. The process may have ended
   * since, and the id may stand for another one.
   */
  readonly pid: number;
  /** The user, 0 to 2³² − 2, as seen in the user namespace of this process; 65534 if it does not exist there. */
  readonly uid: number;
  /** The group, in the same way. */
  readonly gid: number;
}

/** A message that was received. */
export interface Message {
  /** The number of bytes that were written to the buffer. */
  readonly length: number;
  /** Whether the message was longer than the buffer. Its rest is lost. */
  readonly truncated: boolean;
  /** The sender. Present only if you called `setCredentials(true)` of the unix socket. */
  readonly credentials?: Credentials | undefined;
}

/** A message that was received, and the address of its sender. */
export interface Datagram<Address> extends Message {
  readonly from: Address;
}

/** A message that was received, and the file descriptors that came with it. */
export interface MessageWithFds extends Message {
  /** Open and close-on-exec. Close them when you are done. They may be blocking, as the sender made them. */
  readonly fds: readonly number[];
  /** Whether some fds were closed on arrival: there was no room for them, or this process has too many open files. */
  readonly fdsTruncated: boolean;
}

/** Receives bytes or one message: by recv(2) without flags, otherwise by recvmsg(2). */
export function receiveBytes(
  native: Binding,
  socket: HasFd,
  buffer: Uint8Array,
  offset: number,
  count: number,
  flags: number,
): number | undefined {
  if (flags !== 0) {
    const checkedFlags = checkFlags(flags);
    return receive(socket.fd, buffer, offset, count, NO_FDS, NO_LOCAL, false, checkedFlags);
  }
  const { fd } = socket;
  return checkedUnlessBlocked(native.recv(fd, buffer, offset, count), 'recv', fd);
}

/** Receives a message and the address of its sender, which `toAddress` reads. */
export function receiveFrom<Address>(
  socket: HasFd,
  buffer: Uint8Array,
  offset: number,
  length: number | undefined,
  toAddress: (sockaddr: Uint8Array) => Address,
  flags: number,
  localRoom: Uint8Array = NO_LOCAL,
  withCredentials: boolean = false,
): Datagram<Address> | undefined {
  const count = checkSlice(buffer, offset, length);
  const checkedFlags = checkFlags(flags);
  const received = receive(socket.fd, buffer, offset, count, NO_FDS, localRoom, withCredentials, checkedFlags);
  return received === undefined ? undefined : { ...messageOf(received), from: toAddress(senderAddress()) };
}

/** Receives a message and its fds. */
export function receiveFds(
  socket: HasFd,
  buffer: Uint8Array,
  maxFds: number = MAX_FDS,
  flags: number = 0,
  withCredentials: boolean = false,
): MessageWithFds | undefined {
  const count = checkSlice(buffer, 0, undefined);
  const room = fdRoom.subarray(0, checkInteger('maxFds', maxFds, 0, MAX_FDS));
  const checkedFlags = checkFlags(flags);
  const received = receive(socket.fd, buffer, 0, count, room, NO_LOCAL, withCredentials, checkedFlags);
  if (received === undefined) {
    return undefined;
  }
  const [, fdCount = 0, outFlags = 0] = outcome;
  const fdsTruncated = (outFlags & binding().socketConstants.MSG_CTRUNC) !== 0;
  return { ...messageOf(received), fds: [...room.subarray(0, fdCount)], fdsTruncated };
}

/** Sends a message to an address. The kernel chooses the address to send from, if `from` has no bytes. */
export function sendTo(
  socket: HasFd,
  to: Uint8Array,
  buffer: Uint8Array,
  offset: number,
  length: number | undefined,
  from: Uint8Array = NO_LOCAL,
): number | undefined {
  const count = checkSlice(buffer, offset, length);
  const { fd } = socket;
  return checkedUnlessBlocked(binding().sendmsg(fd, buffer, offset, count, to, NO_FDS, from), 'sendmsg', fd);
}

/** Sends a message with fds to the address that the socket is connected to. */
export function sendFds(socket: HasFd, fds: readonly FdLike[], buffer: Uint8Array): number | undefined {
  // First, because an `fd` may be a getter that changes the socket or the buffer.
  const numbers = toFdNumbers(fds);
  const count = checkSlice(buffer, 0, undefined);
  const { fd } = socket;
  return checkedUnlessBlocked(binding().sendmsg(fd, buffer, 0, count, NO_ADDRESS, numbers, NO_LOCAL), 'sendmsg', fd);
}

function receive(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  count: number,
  room: Uint32Array,
  localRoom: Uint8Array,
  withCredentials: boolean,
  flags: number,
): number | undefined {
  const native = binding();
  const credentials = withCredentials ? credentialRoom : NO_CREDENTIALS;
  const received = native.recvmsg(fd, buffer, offset, count, sockaddr, room, localRoom, credentials, outcome, flags);
  return checkedUnlessBlocked(received, 'recvmsg', fd);
}

function messageOf(length: number): Message {
  const [, , flags = 0, , credentialWords = 0] = outcome;
  const message = { length, truncated: (flags & binding().socketConstants.MSG_TRUNC) !== 0 };
  if (credentialWords === 0) {
    return message;
  }
  const [pid = 0, uid = 0, gid = 0] = credentialRoom;
  return { ...message, credentials: { pid, uid, gid } };
}

/** The address of the sender of the last message. Read it before the next call. */
export function senderAddress(): Uint8Array {
  return sockaddr.subarray(0, outcome[0]);
}

/** The length of the local address that the last message was sent to; 0 if the socket does not report it. */
export function localSize(): number {
  return outcome[3] ?? 0;
}

function toFdNumbers(fds: unknown): Uint32Array {
  if (!Array.isArray(fds)) {
    throw invalidType('fds', 'an array of file descriptors', fds);
  }
  const { length } = fds;
  if (length < 1 || length > MAX_FDS) {
    throw outOfRange('fds', `an array of 1 to ${MAX_FDS} file descriptors`, fds);
  }
  return Uint32Array.from({ length }, (_, index) => checkFd(fdOf(fds[index])));
}

function fdOf(source: unknown): unknown {
  return typeof source === 'object' && source !== null && 'fd' in source ? source.fd : source;
}

/** Checks that there is a byte to send: without one, a stream loses the fds without notice. */
export function checkNotEmpty(buffer: unknown): void {
  if (isUint8Array(buffer) && byteLengthOf(buffer) === 0) {
    throw outOfRange('buffer', 'at least one byte, to carry the fds', buffer);
  }
}

function checkFlags(flags: unknown): number {
  const { MSG_OOB, MSG_PEEK } = binding().socketConstants;
  const wanted = checkInteger('flags', flags, 0, MAX_INT);
  if ((wanted & ~(MSG_OOB | MSG_PEEK)) !== 0) {
    throw outOfRange('flags', 'a combination of MSG_OOB and MSG_PEEK', flags);
  }
  return wanted;
}
