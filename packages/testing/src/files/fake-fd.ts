import { checkInteger } from '@em/core/check';
import { FdOwner } from '@em/core/fd-owner';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import type { OpenFile } from './open-file.js';

/**
 * An fd of the fake: what all kinds have in common. `close` ends its registrations first, as it does for the fd objects of
 * `@em/sys`. The file itself ends, and leaves every interest list, when its last fd is closed.
 *
 * @throws SystemError `EBADF` from every method except `close`, if this fd is closed.
 */
export abstract class FakeFd<F extends OpenFile = OpenFile> extends FdOwner {
  /** The number. It does not change when the fd is closed. */
  readonly fd: number;
  protected readonly fds: FdTable;
  readonly #file: F;

  /** Gives the file the lowest free number. */
  constructor(fds: FdTable, file: F) {
    super();
    this.fds = fds;
    this.#file = file;
    this.fd = fds.install(file);
  }

  /** Opens another fd, with the lowest free number, for the same file. */
  abstract dup(): FakeFd<F>;

  protected open(syscall: string): F {
    if (this.closed) {
      throw systemError('EBADF', syscall, this.fd);
    }
    return this.#file;
  }

  protected override release(): void {
    this.fds.close(this.fd);
  }
}

/** The part of a buffer to read into or to write from. Checks its bounds. */
export function byteRange(buffer: Uint8Array, offset: number, length: number | undefined): Uint8Array {
  checkInteger('offset', offset, 0, buffer.length);
  const rest = buffer.length - offset;
  return buffer.subarray(offset, offset + checkInteger('length', length ?? rest, 0, rest));
}
