import { type Binding, binding } from '../addon/binding.js';
import { checkedUnlessBlocked } from '../addon/system-error.js';
import { checkRoom, checkSlice } from '../arguments/check.js';
import { receiveBytes } from './message.js';
import { Socket } from './socket.js';

/**
 * A non-blocking socket that carries messages: each arrives whole or not at all.
 *
 * {@link Socket} lists what every method throws.
 */
export abstract class DatagramSocket extends Socket {
  readonly #native: Binding = binding();

  /**
   * Sends one message, which may be empty, to the address that the socket is connected to.
   *
   * @param length - Number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes, always `length`; `undefined` if it would block: nothing was sent.
   * @throws SystemError `EMSGSIZE` if the message is too long; `ENOTCONN`, `EDESTADDRREQ` if the socket is not
   * connected; `ECONNREFUSED`, `ECONNRESET`, `EPIPE` if the peer has gone.
   */
  send(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(this.#native.send(this.fd, buffer, offset, count), 'send', this.fd);
  }

  /**
   * Receives one message from any sender. If the message is longer than the buffer, its rest is lost without notice. So
   * are the fds that came with the message.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` leaves the data in place. `MSG_OOB` receives urgent data, which `PRIORITY` reports. Both
   * are in {@link Socket.constants}. Defaults to 0.
   * @returns The number of bytes: 0 for an empty message, and at the end of a connection; `undefined` if there is no
   * message: it would block.
   * @throws SystemError `ECONNREFUSED`, `ECONNRESET` if the peer is not there or has gone.
   */
  receive(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return receiveBytes(this.#native, this, buffer, offset, count, flags);
  }
}
