import { partOf, roomIn } from './arguments.js';
import type { DatagramFile, FakeMessage } from './datagram-file.js';
import { type FakeCredentials, OWN_CREDENTIALS } from './passed-files.js';
import { FakeSocket, isPeek } from './socket.js';

/** A message that was received, and the address of its sender: the `Datagram` of `@em/sys`. */
export interface FakeDatagram<Address> {
  readonly length: number;
  readonly truncated: boolean;
  readonly credentials?: FakeCredentials | undefined;
  readonly from: Address;
}

/** A socket that carries whole messages. {@link FakeSocket} says what every method throws. */
export abstract class FakeDatagramSocket<From, F extends DatagramFile<From>> extends FakeSocket<F> {
  protected abstract sendBytes(bytes: Uint8Array): number | undefined;

  /**
   * Sends one message, which may be empty, to the address that the socket is connected to.
   *
   * @param length - Number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes, always `length`; `undefined` if it would block: nothing was sent.
   * @throws SystemError `EMSGSIZE` if the message is too long; `ENOTCONN`, `EDESTADDRREQ` if the socket is not connected;
   * `ECONNREFUSED` if the peer has gone.
   */
  send(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.sendBytes(partOf(buffer, offset, length));
  }

  /**
   * Receives one message from any sender. If the message is longer than the buffer, its rest is lost without notice.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK`, 2, leaves the message in place. Defaults to 0.
   * @returns The number of bytes; `undefined` if there is no message: it would block.
   */
  receive(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    return this.receiveInto(roomIn(buffer, offset, length), flags)?.length;
  }

  /** Takes a message and copies its bytes. The files that came with it are closed. */
  protected receiveInto(into: Uint8Array, flags: number): FakeDatagram<From> | undefined {
    const isPeeked = isPeek(flags);
    const message = this.open().take(isPeeked);
    if (message !== undefined && !isPeeked) {
      for (const file of message.files) {
        file.fdClosed();
      }
    }
    return message && copied(message, into, false);
  }
}

/** Copies the bytes of a message. */
export function copied<From>(
  { bytes, from }: FakeMessage<From>,
  into: Uint8Array,
  withCredentials: boolean,
): FakeDatagram<From> {
  const part = bytes.subarray(0, into.length);
  into.set(part);
  return {
    length: part.length,
    truncated: part.length < bytes.length,
    ...(withCredentials && { credentials: OWN_CREDENTIALS }),
    from,
  };
}
