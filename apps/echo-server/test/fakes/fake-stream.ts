import type { FakeSocket } from '@em/testing';
import type { Stream } from '../../src/ports.js';

/** The server's end of a fake connection. A test can make its writes short and its reads fail. */
export class FakeStream implements Stream {
  readonly #socket: FakeSocket;
  /** Maximum number of bytes per write. At 0 a write would block. */
  maxWriteBytes: number = Number.POSITIVE_INFINITY;
  /** The next read throws this. */
  readError: Error | undefined;
  /** Called before it is closed. */
  onClose: (() => void) | undefined;
  reads = 0;
  bytesRead = 0;
  bytesWritten = 0;
  isShutDown = false;
  /** What the kernel would still have to deliver. */
  undelivered = 0;
  closed = false;

  constructor(socket: FakeSocket) {
    this.#socket = socket;
  }

  get fd(): number {
    return this.#socket.fd;
  }

  read(buffer: Uint8Array, offset: number, length: number): number | undefined {
    if (this.readError !== undefined) {
      throw this.readError;
    }
    this.reads++;
    const count = this.#socket.read(buffer, offset, length);
    this.bytesRead += count ?? 0;
    return count;
  }

  write(buffer: Uint8Array, offset: number, length: number): number | undefined {
    if (this.maxWriteBytes === 0) {
      return undefined;
    }
    const count = this.#socket.write(buffer, offset, Math.min(length, this.maxWriteBytes));
    this.bytesWritten += count ?? 0;
    return count;
  }

  undeliveredBytes(): number {
    return this.undelivered;
  }

  shutdownWrite(): void {
    this.isShutDown = true;
    this.#socket.shutdown('write');
  }

  close(): void {
    this.onClose?.();
    this.closed = true;
    this.#socket.close();
  }
}
