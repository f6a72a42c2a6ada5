import { outOfRange } from '@em/core/check';
import { partOf, roomIn } from './arguments.js';
import { FakeSocket, isPeek } from './socket.js';
import type { ShutdownHow, StreamFile } from './stream-file.js';

/** One end of a connection that carries bytes. {@link FakeSocket} says what every method throws. */
export abstract class FakeStreamSocket<F extends StreamFile = StreamFile> extends FakeSocket<F> {
  /**
   * Receives the bytes that are there.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @param flags - `MSG_PEEK`, 2, leaves the data in place. Defaults to 0.
   * @returns The number of bytes, 0 if the peer will send no more, `undefined` if it would block.
   * @throws SystemError `ECONNRESET`, once, if the peer was closed before it had read everything.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number, flags: number = 0): number | undefined {
    const received = this.open().read(roomIn(buffer, offset, length), isPeek(flags));
    for (const file of received?.files ?? []) {
      file.fdClosed();
    }
    return received?.length;
  }

  /**
   * Sends as many bytes as there is room for.
   *
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes sent, which may be less than `length`; `undefined` if it would block.
   * @throws SystemError `EPIPE` if this end is shut down for writing, or the peer has gone.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.open().write(partOf(buffer, offset, length));
  }

  /** Returns how much of what you wrote has not arrived yet, in bytes. The overhead of the kernel is not counted. */
  undeliveredBytes(): number {
    return this.open().undeliveredBytes;
  }

  /** Ends writing. The peer reads everything that was written, and then the end. You can still read. */
  shutdownWrite(): void {
    this.open().shutdown('write');
  }

  /**
   * Ends one direction or both.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE` if `how` is another value.
   */
  shutdown(how: ShutdownHow): void {
    if (how !== 'read' && how !== 'write' && how !== 'both') {
      throw outOfRange('how', "'read', 'write' or 'both'", how);
    }
    this.open().shutdown(how);
  }
}
