import { type Binding, binding } from '../addon/binding.js';
import { checkedUnlessBlocked } from '../addon/system-error.js';
import { checkRoom, checkSlice } from '../arguments/slice.js';
import { receiveBytes } from './message.js';
import { Socket } from './socket.js';

/** A socket that carries messages, each whole or not at all, non-blocking. */
export abstract class DatagramSocket extends Socket {
  readonly #native: Binding = binding();

  /**
   * Sends one message, which may be empty, to whom the socket is connected to.
   *
   * @param length - So many bytes; to the end of the buffer if not given.
   * @returns How many bytes, all of them; `undefined` if it would block: nothing was sent.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EMSGSIZE` if it is too long for a message, `ENOTCONN`, `EDESTADDRREQ` if not connected,
   * `ECONNREFUSED`, `ECONNRESET`, `EPIPE` if nobody is there any more; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  send(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(this.#native.send(this.fd, buffer, offset, count), 'send', this.fd);
  }

  /**
   * Receives one message, whoever sent it. The rest of one that is longer than the buffer is lost without a word, and so
   * are fds that come with it.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` to leave it where it is, `MSG_OOB` for urgent data, which `PRIORITY` reports; both are in
   * {@link Socket.constants}. 0 if not given.
   * @returns How many bytes, 0 of an empty message, and at the end where there is a connection; `undefined` if none is
   * there: it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNREFUSED`, `ECONNRESET` if the peer is not there, or not any more; EventManagerError
   * `ERR_EM_CLOSED` if it is closed.
   */
  receive(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return receiveBytes(this.#native, this, buffer, offset, count, flags);
  }
}
