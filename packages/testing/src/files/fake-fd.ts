import type { FdTable } from '../fd-table.js';
import { systemError } from '../system-error.js';
import type { OpenFile } from './open-file.js';

/** One fd, and what can be done with any: the part that all kinds of files share. */
export abstract class FakeFd<F extends OpenFile = OpenFile> {
  /** The number. It stays what it was when the fd is closed. */
  readonly fd: number;
  protected readonly fds: FdTable;
  readonly #file: F;
  #closed = false;

  /** Takes the lowest free number for a file. */
  constructor(fds: FdTable, file: F) {
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

  /**
   * Closes this fd. The file itself ends, and leaves every interest list, when its last fd is closed. A second call
   * does nothing, whoever has the number by then.
   */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.fds.close(this.fd);
    }
  }

  /** The same as {@link FakeFd.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  protected open(syscall: string): F {
    if (this.#closed) {
      throw systemError('EBADF', syscall, this.fd);
    }
    return this.#file;
  }
}
