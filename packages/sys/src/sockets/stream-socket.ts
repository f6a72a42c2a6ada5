import { binding } from '../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { checkRoom, checkSlice } from '../arguments/check.js';
import { receiveBytes } from './message.js';
import { Socket } from './socket.js';
import { getWords } from './socket-option.js';

/** `SK_MEMINFO_WMEM_ALLOC` and `SK_MEMINFO_WMEM_QUEUED` of linux/sock_diag.h, and the number of words. */
const WRITTEN_AT = 2;
const QUEUED_AT = 5;
const MEMORY_WORDS = 9;

/**
 * One end of a non-blocking connection that carries bytes.
 *
 * {@link Socket} lists what every method throws.
 */
export abstract class StreamSocket extends Socket {
  /**
   * Receives the bytes that are there.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK` leaves the data in place. `MSG_OOB` receives urgent data, which `PRIORITY` reports. Both
   * are in {@link Socket.constants}. Defaults to 0.
   * @returns The number of bytes, 0 if the peer will send no more, `undefined` if it would block.
   * @throws SystemError `ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return receiveBytes(binding(), this, buffer, offset, count, flags);
  }

  /**
   * Sends as many bytes as there is room for.
   *
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes sent, which may be less than `length`; `undefined` if it would block.
   * @throws SystemError `EPIPE`, `ECONNRESET`, `ETIMEDOUT`, `ENOTCONN`.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(binding().send(this.fd, buffer, offset, count), 'send', this.fd);
  }

  /**
   * Returns how much memory the kernel uses for what you wrote and what has not arrived yet (SO_MEMINFO), in bytes,
   * including overhead. It is 0 if everything has arrived: over TCP, the kernel of the peer has acknowledged it; over a
   * unix socket, the peer has read it. If you close the stream earlier and the peer sends something, data may be lost.
   * As long as the peer reads, the number falls, even while the stream does not report `OUT`.
   */
  undeliveredBytes(): number {
    const words = getWords(this.fd, 'SOL_SOCKET', 'SO_MEMINFO', MEMORY_WORDS);
    return (words[WRITTEN_AT] ?? 0) + (words[QUEUED_AT] ?? 0);
  }

  /**
   * Ends writing. The peer reads everything that was written, and then the end. You can still read.
   *
   * @throws SystemError `ENOTCONN` if the stream is no longer connected.
   */
  shutdownWrite(): void {
    const native = binding();
    checked(native.shutdown(this.fd, native.socketConstants.SHUT_WR), 'shutdown', this.fd);
  }
}
