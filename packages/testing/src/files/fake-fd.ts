import { EventManagerError } from '@em/core';
import { FdOwner } from '@em/core/fd-owner';
import type { FdTable } from '../fd-table.js';
import type { OpenFile } from './open-file.js';

/**
 * An fd of the fake: what all kinds have in common. `close` ends its registrations first, as it does for the fd objects of
 * `@em/sys`. The file itself ends, and leaves every interest list, when its last fd is closed.
 *
 * @throws EventManagerError `ERR_EM_CLOSED` from every method and getter once the object is closed, except `close` and
 * `closed`.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` from every method for a wrong argument.
 */
export abstract class FakeFd<F extends OpenFile = OpenFile> extends FdOwner {
  protected readonly fds: FdTable;
  readonly #file: F;
  /** `undefined` once the object is closed or detached. */
  #fd: number | undefined;

  /** Gives the file the lowest free number. */
  constructor(fds: FdTable, file: F) {
    super();
    this.fds = fds;
    this.#file = file;
    this.#fd = fds.install(file);
  }

  /** The number. It cannot be read once the object is closed: the number may stand for another file by then. */
  get fd(): number {
    if (this.#fd === undefined) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot use this fd of the fake: it is closed');
    }
    return this.#fd;
  }

  /** Opens another fd, with the lowest free number, for the same file. */
  abstract dup(): FakeFd<F>;

  /** Ends the registrations of the fd and returns it, open. The object counts as closed. */
  detach(): number {
    const { fd } = this;
    this.#fd = undefined;
    this.close();
    return fd;
  }

  /** Whether this is an fd of a table. */
  isOf(fds: FdTable): boolean {
    return this.fds === fds;
  }

  protected open(): F {
    // Throws if it is closed.
    void this.fd;
    return this.#file;
  }

  protected override release(): void {
    if (this.#fd !== undefined) {
      const fd = this.#fd;
      this.#fd = undefined;
      this.fds.close(fd);
    }
  }
}
