import { type Binding, binding } from '../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { checkRoom, checkSlice } from '../arguments/slice.js';
import { receiveBytes } from './message.js';
import { Socket } from './socket.js';
import { getWords } from './socket-option.js';

/** `SK_MEMINFO_WMEM_ALLOC` and `SK_MEMINFO_WMEM_QUEUED` of linux/sock_diag.h, and how many words there are. */
const WRITTEN_AT = 2;
const QUEUED_AT = 5;
const MEMORY_WORDS = 9;

/** One end of a connection that carries bytes, non-blocking. */
export abstract class StreamSocket extends Socket {
  readonly #native: Binding = binding();

  /**
   * Receives what is there.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` to leave it where it is, `MSG_OOB` for urgent data, which `PRIORITY` reports; both are in
   * {@link Socket.constants}. 0 if not given.
   * @returns How many bytes, 0 if the peer will send no more, `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return receiveBytes(this.#native, this, buffer, offset, count, flags);
  }

  /**
   * Sends as much as there is room for.
   *
   * @param length - At most so many bytes; to the end of the buffer if not given.
   * @returns How many bytes were taken, which may be less than asked for, `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EPIPE`, `ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(this.#native.send(this.fd, buffer, offset, count), 'send', this.fd);
  }

  /**
   * Whether everything that was written has arrived: over TCP with the kernel of the peer, which has acknowledged it; over
   * a unix socket with the peer, who has read it (SO_MEMINFO). Until then closing may lose it, should the peer send something.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  isDelivered(): boolean {
    const words = getWords(this.fd, 'SOL_SOCKET', 'SO_MEMINFO', MEMORY_WORDS);
    return words[WRITTEN_AT] === 0 && words[QUEUED_AT] === 0;
  }

  /**
   * Says that nothing more will be written; the peer reads to the end of what was. Reading goes on.
   *
   * @throws SystemError `ENOTCONN` if not connected any more; EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  shutdownWrite(): void {
    checked(this.#native.shutdown(this.fd, this.#native.socketConstants.SHUT_WR), 'shutdown', this.fd);
  }
}
