import { binding } from '../addon/binding.js';
import { checkedUnlessBlocked } from '../addon/system-error.js';
import { checkRoom, checkSlice } from '../arguments/check.js';
import { adopt } from './adopt.js';
import { openPair } from './io.js';
import { CheckedFd, fdObject, OwnedFd } from './owned-fd.js';

/**
 * The end of a pipe that bytes come out of: `IN` while there are some, `HANG_UP`, and no `IN`, once all is read and no
 * writer is left.
 */
export class PipeReader extends OwnedFd {
  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /**
   * Takes over the fd of the read end of a pipe or FIFO that exists, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws As {@link EventFd.adopt} does.
   */
  static adopt(fd: number): PipeReader {
    return adopt(PipeReader, fd, ['the read end of a pipe', 'both ends of a pipe']);
  }

  /**
   * Reads what is there.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @returns How many bytes, 0 at the end, when all is read and no writer is left, `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return checkedUnlessBlocked(binding().readAtOnce(this.fd, buffer, offset, count), 'read', this.fd);
  }
}

/** The end of a pipe that bytes go into: `OUT` while there is room, `ERROR` once no reader is left. */
export class PipeWriter extends OwnedFd {
  private constructor(fd: CheckedFd) {
    super(CheckedFd.only(fd));
  }

  /**
   * Takes over the fd of the write end of a pipe or FIFO that exists, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws As {@link EventFd.adopt} does.
   */
  static adopt(fd: number): PipeWriter {
    return adopt(PipeWriter, fd, ['the write end of a pipe', 'both ends of a pipe']);
  }

  /**
   * Writes what there is room for; up to 4,096 bytes all or nothing.
   *
   * @param length - At most so many bytes; to the end of the buffer if not given.
   * @returns How many bytes were taken, which may be less than asked for, `undefined` if it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
   * @throws SystemError `EPIPE` if no reader is left; no SIGPIPE comes with it.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(binding().writeAtOnce(this.fd, buffer, offset, count), 'write', this.fd);
  }
}

/**
 * The two ends of a pipe, non-blocking. Each is closed on its own.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/pipe.7.html | pipe(7)}
 */
export class Pipe {
  readonly reader: PipeReader;
  readonly writer: PipeWriter;

  private constructor(reader: PipeReader, writer: PipeWriter) {
    this.reader = reader;
    this.writer = writer;
  }

  /**
   * Makes a pipe.
   *
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files or pages in pipes.
   *
   * @example What one end is written, the other reads
   * ```ts
   * import { Pipe } from '@em/sys';
   *
   * const { reader, writer } = Pipe.open();
   * writer.write(Buffer.from('hello'));
   * writer.close();
   * const into = Buffer.alloc(16);
   * console.log(into.toString('utf8', 0, reader.read(into)));
   * reader.close();
   * ```
   */
  static open(): Pipe {
    const [reader, writer] = openPair('pipe2', (ends) => binding().pipe2(ends));
    return new Pipe(fdObject(PipeReader, reader), fdObject(PipeWriter, writer));
  }
}
