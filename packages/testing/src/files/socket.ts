import { EventSet } from '@em/core';
import { checkInteger, invalidType } from '@em/core/check';
import { type ErrorCode, type SystemError, systemError } from '../errors.js';
import { isBytes } from './arguments.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

const MAX_INT = 0x7fff_ffff;
/** `net.core.wmem_max` and `rmem_max`, which are the defaults as well. */
const MAX_BUFFER_BYTES = 212_992;
/** `SOCK_MIN_SNDBUF` and `SOCK_MIN_RCVBUF` of net/sock.h. */
const MIN_SEND_BUFFER_BYTES = 4608;
const MIN_RECEIVE_BUFFER_BYTES = 2304;

/** asm-generic/socket.h and linux/socket.h. */
const MSG_OOB = 1;
const MSG_PEEK = 2;

/** What all sockets have: a pending error, sizes of buffers, and options. */
export abstract class SocketFile extends OpenFile {
  sendBufferBytes: number = MAX_BUFFER_BYTES;
  receiveBufferBytes: number = MAX_BUFFER_BYTES;
  readonly options: Map<string, number | Uint8Array> = new Map();
  #error: ErrorCode | undefined;

  get hasError(): boolean {
    return this.#error !== undefined;
  }

  fail(code: ErrorCode): void {
    this.#error = code;
    this.wakeUp(EventSet.ERROR);
  }

  takeError(): ErrorCode | undefined {
    const code = this.#error;
    this.#error = undefined;
    return code;
  }

  throwError(syscall: string): void {
    const code = this.takeError();
    if (code !== undefined) {
      throw systemError(code, syscall);
    }
  }
}

/**
 * A socket of the fake: what all kinds have in common. A size of a buffer has its effect. Other options are only kept: they
 * have no effect.
 *
 * {@link FakeFd} says what every method throws.
 */
export abstract class FakeSocket<F extends SocketFile = SocketFile> extends FakeFd<F> {
  /** The size of the receive buffer. */
  getReceiveBufferBytes(): number {
    return this.open().receiveBufferBytes;
  }

  /** Sets the size of the receive buffer. As in the kernel, it is doubled, and at most 425,984. */
  setReceiveBufferBytes(bytes: number): void {
    this.open().receiveBufferBytes = doubled(bytes, MIN_RECEIVE_BUFFER_BYTES);
  }

  /** The size of the send buffer. */
  getSendBufferBytes(): number {
    return this.open().sendBufferBytes;
  }

  /** Sets the size of the send buffer. As in the kernel, it is doubled, and at most 425,984. */
  setSendBufferBytes(bytes: number): void {
    this.open().sendBufferBytes = doubled(bytes, MIN_SEND_BUFFER_BYTES);
  }

  /** Returns the pending error, and clears it. */
  takeError(): SystemError | undefined {
    const code = this.open().takeError();
    return code === undefined ? undefined : systemError(code, 'getsockopt', this.fd);
  }

  /** Makes an error pending: the socket reports `ERROR` until a read, a write or `takeError` takes it. */
  fail(code: ErrorCode): void {
    this.open().fail(code);
  }

  /**
   * Reads an option that {@link FakeSocket.setOption} has set.
   *
   * @throws SystemError `ENOPROTOOPT` if it was not set to a number.
   */
  getOption(level: number, option: number): number {
    const value = this.open().options.get(keyOf(level, option));
    if (typeof value !== 'number') {
      throw systemError('ENOPROTOOPT', 'getsockopt', this.fd);
    }
    return value;
  }

  /**
   * Reads an option that {@link FakeSocket.setOption} has set, as bytes.
   *
   * @returns The number of bytes that were written to `into`.
   * @throws SystemError `ENOPROTOOPT` if it was not set.
   */
  getOptionBytes(level: number, option: number, into: Uint8Array): number {
    const value = this.open().options.get(keyOf(level, option));
    if (!isBytes(into)) {
      throw invalidType('into', 'a Uint8Array, for example a Buffer', into);
    }
    if (value === undefined) {
      throw systemError('ENOPROTOOPT', 'getsockopt', this.fd);
    }
    const bytes = typeof value === 'number' ? new Uint8Array(Int32Array.of(value).buffer) : value;
    const part = bytes.subarray(0, into.length);
    into.set(part);
    return part.length;
  }

  /** Keeps an option. */
  setOption(level: number, option: number, value: number | Uint8Array): void {
    const { options } = this.open();
    const key = keyOf(level, option);
    if (typeof value === 'number') {
      options.set(key, checkInteger('value', value, -0x8000_0000, 0xffff_ffff) | 0);
    } else if (isBytes(value)) {
      options.set(key, Uint8Array.from(value));
    } else {
      throw invalidType('value', 'a number or a Uint8Array', value);
    }
  }
}

/** Checks the flags of a receive, and returns whether it leaves the data in place. Urgent data is never there. */
export function isPeek(flags: number): boolean {
  checkInteger('flags', flags, 0, MSG_OOB | MSG_PEEK);
  if ((flags & MSG_OOB) !== 0) {
    throw systemError('EINVAL', 'recvmsg');
  }
  return flags === MSG_PEEK;
}

function keyOf(level: number, option: number): string {
  return `${checkInteger('level', level, 0, MAX_INT)} ${checkInteger('option', option, 0, MAX_INT)}`;
}

function doubled(bytes: number, min: number): number {
  return Math.max(min, 2 * Math.min(checkInteger('bytes', bytes, 0, MAX_INT), MAX_BUFFER_BYTES));
}
