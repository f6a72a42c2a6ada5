import type { OpenFile } from './files/open-file.js';
import { systemError } from './system-error.js';

/** 0, 1 and 2 are taken in every process. */
const FIRST_FD = 3;

/**
 * Numbers for open files, as a process has them: the lowest free one is handed out, several may stand for one file, and
 * a file is gone when the last of its numbers is.
 */
export class FdTable {
  readonly #files: (OpenFile | undefined)[] = [];
  /** No number below it is free. */
  #lowestFree = FIRST_FD;

  /** Gives a file a number; called again for the same file, it does what `dup` does. */
  install(file: OpenFile): number {
    let fd = this.#lowestFree;
    while (this.#files[fd] !== undefined) {
      fd++;
    }
    this.#files[fd] = file;
    this.#lowestFree = fd + 1;
    file.fdOpened();
    return fd;
  }

  find(fd: number): OpenFile | undefined {
    return this.#files[fd];
  }

  /** @throws `EBADF` if the number is not open. */
  get(fd: number, syscall: string): OpenFile {
    const file = this.find(fd);
    if (file === undefined) {
      throw systemError('EBADF', syscall, fd);
    }
    return file;
  }

  /** @throws `EBADF` if the number is not open. */
  close(fd: number): void {
    const file = this.get(fd, 'close');
    this.#files[fd] = undefined;
    this.#lowestFree = Math.min(this.#lowestFree, fd);
    file.fdClosed();
  }
}
