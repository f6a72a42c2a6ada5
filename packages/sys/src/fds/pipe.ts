import { binding } from '../addon/binding.js';
import { checkedUnlessBlocked } from '../addon/system-error.js';
import { checkRoom, checkSlice } from '../arguments/check.js';
import { adopt } from './adopt.js';
import { openPair } from './io.js';
import { CheckedFd, fdObject, OwnedFd } from './owned-fd.js';

/**
 * The read end of a pipe: `IN` while there are bytes. `HANG_UP` without `IN` once all is read and no writer is left.
 *
 * {@link OwnedFd} lists what every method throws.
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
   * Reads the bytes that are there.
   *
   * @param length - Maximum number of bytes, at least 1. Defaults to the rest of the buffer.
   * @returns The number of bytes, 0 at the end (all is read and no writer is left), `undefined` if it would block.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkRoom(buffer, offset, length);
    return checkedUnlessBlocked(binding().readAtOnce(this.fd, buffer, offset, count), 'read', this.fd);
  }
}

/**
 * The write end of a pipe: `OUT` while there is room, `ERROR` once no reader is left.
 *
 * {@link OwnedFd} lists what every method throws.
 */
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
   * Writes as many bytes as there is room for. At most 4,096 bytes are written as a whole or not at all.
   *
   * @param length - Maximum number of bytes. Defaults to the rest of the buffer.
   * @returns The number of bytes written, which may be less than `length`; `undefined` if it would block.
   * @throws SystemError `EPIPE` if no reader is left. No SIGPIPE is raised.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    const count = checkSlice(buffer, offset, length);
    return checkedUnlessBlocked(binding().writeAtOnce(this.fd, buffer, offset, count), 'write', this.fd);
  }
}

/**
 * The two ends of a non-blocking pipe. Close each of them.
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
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files or pages in pipes.
   *
   * @example Write to one end, read from the other
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
