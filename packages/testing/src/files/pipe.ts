import { EventSet } from '@em/core';
import { checkInteger } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import { systemError } from '../system-error.js';
import { byteRange } from './byte-range.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';
import { PageQueue } from './page-queue.js';

/** The bytes under way, and which of the two ends are open. */
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

  override readiness(): EventSet {
    const { pages, hasWriter } = this.#pipe;
    return (pages.isEmpty ? 0 : EventSet.IN) | (hasWriter ? 0 : EventSet.HANG_UP);
  }

  read(into: Uint8Array): number | undefined {
    const { pages, hasWriter, writeEnd } = this.#pipe;
    if (pages.isEmpty && into.length > 0) {
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

  override readiness(): EventSet {
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
    // Not only the first bytes wake: a pipe that epoll has looked at wakes on every write, also on one without room.
    readEnd.wakeUp(EventSet.IN);
    return count === 0 ? undefined : count;
  }

  protected override release(): void {
    this.#pipe.hasWriter = false;
    this.#pipe.readEnd.wakeUp(EventSet.EMPTY);
  }
}

/** The end of a pipe that bytes come out of. */
export class FakePipeReader extends FakeFd<ReadEnd> {
  override dup(): FakePipeReader {
    return new FakePipeReader(this.fds, this.open('dup'));
  }

  /**
   * Reads what there is.
   *
   * @returns How many bytes; 0 at the end, when all is read and no writer is left; `undefined` if a real read would block.
   * @throws RangeError `ERR_OUT_OF_RANGE` if offset and length are not within the buffer.
   * @throws `EBADF` if this fd is closed.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.open('read').read(byteRange(buffer, offset, length));
  }
}

/** The end of a pipe that bytes go into. */
export class FakePipeWriter extends FakeFd<WriteEnd> {
  override dup(): FakePipeWriter {
    return new FakePipeWriter(this.fds, this.open('dup'));
  }

  /**
   * Writes what there is room for; up to 4,096 bytes all or nothing.
   *
   * @returns How many bytes were taken; `undefined` if a real write would block.
   * @throws RangeError `ERR_OUT_OF_RANGE` if offset and length are not within the buffer.
   * @throws `EPIPE` if no reader is left, `EBADF` if this fd is closed.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.open('write').write(byteRange(buffer, offset, length));
  }
}

/** Options of `FakePoller.pipe`. */
export interface FakePipeOptions {
  /** How much it holds, rounded up to whole pages of 4,096 bytes. 65,536 if not given. */
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
