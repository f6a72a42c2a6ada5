import { EventSet } from '@em/core';
import { checkInteger } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { partOf, roomIn } from './arguments.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';
import { PageQueue } from './page-queue.js';

/** The bytes in a pipe, and which of its ends are open. */
class Pipe {
  readonly pages: PageQueue;
  readonly readEnd: ReadEnd = new ReadEnd(this);
  readonly writeEnd: WriteEnd = new WriteEnd(this);
  hasReader = true;
  hasWriter = true;

  constructor(capacityBytes: number) {
    this.pages = new PageQueue(capacityBytes);
  }
}

class ReadEnd extends OpenFile {
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
  }

  override events(): EventSet {
    const { pages, hasWriter } = this.#pipe;
    return (pages.isEmpty ? 0 : EventSet.IN) | (hasWriter ? 0 : EventSet.HANG_UP);
  }

  read(into: Uint8Array): number | undefined {
    const { pages, hasWriter, writeEnd } = this.#pipe;
    if (pages.isEmpty) {
      return hasWriter ? undefined : 0;
    }
    const wasFull = pages.isFull;
    const count = pages.take(into);
    if (wasFull && !pages.isFull) {
      writeEnd.wakeUp(EventSet.OUT);
    }
    return count;
  }

  protected override release(): void {
    this.#pipe.hasReader = false;
    this.#pipe.writeEnd.wakeUp(EventSet.EMPTY);
  }
}

class WriteEnd extends OpenFile {
  readonly #pipe: Pipe;

  constructor(pipe: Pipe) {
    super();
    this.#pipe = pipe;
  }

  override events(): EventSet {
    const { pages, hasReader } = this.#pipe;
    return (pages.isFull ? 0 : EventSet.OUT) | (hasReader ? 0 : EventSet.ERROR);
  }

  write(bytes: Uint8Array): number | undefined {
    const { pages, hasReader, readEnd } = this.#pipe;
    if (bytes.length === 0) {
      return 0;
    }
    if (!hasReader) {
      throw systemError('EPIPE', 'write');
    }
    const count = pages.put(bytes);
    // Once epoll has polled a pipe, every write wakes the reader: not only the first, and also one that finds no room.
    readEnd.wakeUp(EventSet.IN);
    return count === 0 ? undefined : count;
  }

  protected override release(): void {
    this.#pipe.hasWriter = false;
    this.#pipe.readEnd.wakeUp(EventSet.EMPTY);
  }
}

/** The reading end of a pipe. {@link FakeFd} says what every method throws. */
export class FakePipeReader extends FakeFd<ReadEnd> {
  override dup(): FakePipeReader {
    return new FakePipeReader(this.fds, this.open());
  }

  /**
   * Reads as many bytes as there are and the buffer can hold.
   *
   * @returns The number of bytes; 0 if all is read and every writer is closed; `undefined` if a real read would block.
   * @throws RangeError `ERR_OUT_OF_RANGE` if `offset` and `length` exceed the buffer.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.open().read(roomIn(buffer, offset, length));
  }
}

/** The writing end of a pipe. {@link FakeFd} says what every method throws. */
export class FakePipeWriter extends FakeFd<WriteEnd> {
  override dup(): FakePipeWriter {
    return new FakePipeWriter(this.fds, this.open());
  }

  /**
   * Writes as many bytes as there is room for. A write of at most 4,096 bytes is not split: it writes all bytes or none.
   *
   * @returns The number of bytes written; `undefined` if a real write would block.
   * @throws RangeError `ERR_OUT_OF_RANGE` if `offset` and `length` exceed the buffer.
   * @throws SystemError `EPIPE` if every reader is closed.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.open().write(partOf(buffer, offset, length));
  }
}

/** Options of `FakePoller.pipe`. */
export interface FakePipeOptions {
  /** How many bytes the pipe holds, rounded up to whole pages of 4,096 bytes. Defaults to 65,536. */
  readonly capacityBytes?: number | undefined;
}

/** The two ends of a pipe. */
export interface FakePipe {
  readonly reader: FakePipeReader;
  readonly writer: FakePipeWriter;
}

export function createPipe(fds: FdTable, { capacityBytes = 65_536 }: FakePipeOptions): FakePipe {
  const pipe = new Pipe(checkInteger('capacityBytes', capacityBytes, 1, 0x7fff_ffff));
  return { reader: new FakePipeReader(fds, pipe.readEnd), writer: new FakePipeWriter(fds, pipe.writeEnd) };
}
