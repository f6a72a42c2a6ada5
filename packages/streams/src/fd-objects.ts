import type { FdObject } from '@em/core';
import { checkFd, checkFunction, invalidType } from '@em/core/check';

/** An fd object that bytes are read from: a pipe, a stream socket, or one of your own. */
export interface ByteSource extends FdObject {
  /** Reads what is there. Returns how many bytes, 0 at the end, `undefined` if it would block. */
  read(buffer: Uint8Array, offset?: number, length?: number): number | undefined;
  close?(): void;
}

/** An fd object that bytes are written to. */
export interface ByteSink extends FdObject {
  /** Writes what there is room for. Returns how many bytes, `undefined` if it would block. */
  write(buffer: Uint8Array, offset?: number, length?: number): number | undefined;
  /** Ends the sending direction. Called when the stream finishes, if it is there. */
  shutdownWrite?(): void;
  close?(): void;
}

/** An fd object that whole messages are received from: a datagram or seqpacket socket, or a `Tun`. */
export interface MessageSource extends FdObject {
  /** Receives one message. Returns its length, `undefined` if it would block. */
  receive(buffer: Uint8Array): number | undefined;
  close?(): void;
}

/** An fd object that whole messages are sent to. */
export interface MessageSink extends FdObject {
  /** Sends one message. Returns its length, `undefined` if it would block. */
  send(buffer: Uint8Array): number | undefined;
  /** Ends the sending direction. Called when the stream finishes, if it is there. */
  shutdownWrite?(): void;
  close?(): void;
}

/** The function that reads a bare fd, such as `read` of `@em/sys`. */
export interface ReadFunction {
  readonly read: (fd: number, buffer: Uint8Array, offset?: number, length?: number) => number | undefined;
}

/** The function that writes to a bare fd, such as `write` of `@em/sys`. */
export interface WriteFunction {
  readonly write: (fd: number, buffer: Uint8Array, offset?: number, length?: number) => number | undefined;
}

/** The function that closes a bare fd with its stream, such as `close` of `@em/sys`. Without it the fd stays open. */
export interface CloseFunction {
  readonly close?: ((fd: number) => void) | undefined;
}

/** What all streams of this package take. */
export interface StreamOptions {
  /** Destroys the stream when it aborts: `'error'` reports an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the fd object is closed with the stream. Defaults to `true`. */
  readonly autoClose?: boolean | undefined;
  /** The label of the registration, for logs and audits. */
  readonly label?: string | undefined;
  /** How much is buffered before the stream asks for a pause. Defaults to Node's: 64 KiB, or 16 messages or records. */
  readonly highWaterMark?: number | undefined;
}

/** The options that Node's streams take as they are. */
export function nodeOptions({ signal, highWaterMark }: StreamOptions): {
  signal?: AbortSignal;
  highWaterMark?: number;
} {
  return { ...(signal && { signal }), ...(highWaterMark !== undefined && { highWaterMark }) };
}

type Methods = Partial<Pick<ByteSource, 'read'> & Pick<ByteSink, 'write'> & { close(): void }>;

/** Makes an fd object of a bare fd and the functions that take it. An fd object stays what it is. */
export function toFdObject(
  fdObject: unknown,
  { read, write, close }: Partial<ReadFunction & WriteFunction> & CloseFunction,
): FdObject {
  if (typeof fdObject === 'object' && fdObject !== null) {
    return fdObject as FdObject;
  }
  const fd = checkFd(fdObject);
  const methods: Methods = {};
  if (read !== undefined) {
    checkFunction('options.read', read);
    methods.read = (buffer, offset, length) => read(fd, buffer, offset, length);
  }
  if (write !== undefined) {
    checkFunction('options.write', write);
    methods.write = (buffer, offset, length) => write(fd, buffer, offset, length);
  }
  if (close !== undefined) {
    checkFunction('options.close', close);
    methods.close = () => close(fd);
  }
  return { fd, ...methods };
}

/** Whether an fd object reads, or writes, bytes. Otherwise it does so with messages. */
export function carriesBytes(fdObject: FdObject, ofBytes: 'read' | 'write', ofMessages: 'receive' | 'send'): boolean {
  const isMethod = (name: string): boolean => typeof Reflect.get(fdObject, name) === 'function';
  if (!isMethod(ofBytes) && !isMethod(ofMessages)) {
    throw invalidType(
      'fdObject',
      `an fd with options.${ofBytes}, or an object with ${ofBytes}() or ${ofMessages}()`,
      fdObject,
    );
  }
  return isMethod(ofBytes);
}
