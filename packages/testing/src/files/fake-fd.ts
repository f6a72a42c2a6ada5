import { ClosableSource } from '@em/core/source';
import type { FdTable } from '../fd-table.js';
import { systemError } from '../system-error.js';
import type { OpenFile } from './open-file.js';

/**
 * One fd, and what can be done with any: the part that all kinds of files share. As with the fds of `@em/sys`, to close it
 * ends its registrations first; the file itself ends, and leaves every interest list, when its last fd is closed.
 */
export abstract class FakeFd<F extends OpenFile = OpenFile> extends ClosableSource {
  /** The number. It stays what it was when the fd is closed. */
  readonly fd: number;
  protected readonly fds: FdTable;
  readonly #file: F;

  /** Takes the lowest free number for a file. */
  constructor(fds: FdTable, file: F) {
    super();
    this.fds = fds;
    this.#file = file;
    this.fd = fds.install(file);
  }

  /**
   * A second fd, the lowest free, for the same file.
   *
   * @throws `EBADF` if this one is closed.
   */
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
