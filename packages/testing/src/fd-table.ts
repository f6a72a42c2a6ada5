import { systemError } from './errors.js';
import type { OpenFile } from './files/open-file.js';

/** 0, 1 and 2 are open in every process. */
const FIRST_FD = 3;

/**
 * The fds of a process. A new file gets the lowest free number. Several numbers may stand for one file, which ends when
 * the last of them is closed.
 */
export class FdTable {
  readonly #files: (OpenFile | undefined)[] = [];
  /** No number below it is free. */
  #lowestFree = FIRST_FD;
  /** No number from here on is given out. */
  limit = 0x7fff_ffff;

  /**
   * Gives a file a number. A second call for the same file is a `dup`.
   *
   * @throws SystemError `EMFILE` if all numbers below the limit are taken.
   */
  install(file: OpenFile): number {
    const fd = this.assertRoom('open');
    this.#files[fd] = file;
    this.#lowestFree = fd + 1;
    file.fdOpened();
    return fd;
  }

  /** Returns the lowest free number. @throws SystemError `EMFILE` if it is not below the limit. */
  assertRoom(syscall: string): number {
    let fd = this.#lowestFree;
    while (this.#files[fd] !== undefined) {
      fd++;
    }
    if (fd >= this.limit) {
      throw systemError('EMFILE', syscall);
    }
    return fd;
  }

  find(fd: number): OpenFile | undefined {
    return this.#files[fd];
  }

  /** @throws SystemError `EBADF` if the number is not open. */
  get(fd: number, syscall: string): OpenFile {
    const file = this.find(fd);
    if (file === undefined) {
      throw systemError('EBADF', syscall, fd);
    }
    return file;
  }

  /** @throws SystemError `EBADF` if the number is not open. */
  close(fd: number): void {
    const file = this.get(fd, 'close');
    this.#files[fd] = undefined;
    this.#lowestFree = Math.min(this.#lowestFree, fd);
    file.fdClosed();
  }
}
