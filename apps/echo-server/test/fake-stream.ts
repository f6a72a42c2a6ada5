import type { FakeSocket } from '@em/testing';
import type { Stream } from '../src/ports.js';

/** The server's end of a fake connection, which can be made narrow or faulty. */
export class FakeStream implements Stream {
  readonly #socket: FakeSocket;
  /** How much one write takes. */
  maxWriteBytes: number = Number.POSITIVE_INFINITY;
  /** What the next read throws. */
  readError: Error | undefined;
  /** Called when it is closed, before it is. */
  onClose: (() => void) | undefined;
  reads = 0;
  bytesRead = 0;
  noDelay = false;
  closed = false;

  constructor(socket: FakeSocket) {
    this.#socket = socket;
  }

  get fd(): number {
    return this.#socket.fd;
  }

  read(buffer: Uint8Array): number | undefined {
    if (this.readError !== undefined) {
      throw this.readError;
    }
    this.reads++;
    const length = this.#socket.read(buffer);
    this.bytesRead += length ?? 0;
    return length;
  }

  write(buffer: Uint8Array, offset: number, length: number): number | undefined {
    return this.#socket.write(buffer, offset, Math.min(length, this.maxWriteBytes));
  }

  setNoDelay(noDelay: boolean): void {
    this.noDelay = noDelay;
  }

  close(): void {
    this.onClose?.();
    this.closed = true;
    this.#socket.close();
  }
}
