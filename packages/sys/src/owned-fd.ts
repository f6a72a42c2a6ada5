import { EventManagerError } from '@em/core';
import { checkFd } from '@em/core/check';
import { binding } from './binding.js';
import { enter, strike } from './fd-ledger.js';
import { checked } from './system-error.js';

/** A file descriptor that belongs to this object, and is closed with it. */
export abstract class OwnedFd {
  #fd: number | undefined;

  /** @param fd - Open, and nobody else's. */
  protected constructor(fd: number) {
    this.#fd = checkFd(fd);
    enter(fd);
  }

  /**
   * The file descriptor.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed: its number may be somebody else's by now.
   */
  get fd(): number {
    if (this.#fd === undefined) {
      throw new EventManagerError('ERR_EM_CLOSED', 'Cannot use this file descriptor: it is closed');
    }
    return this.#fd;
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#fd === undefined;
  }

  /**
   * Closes it. Delete its registration first. A second call does nothing.
   *
   * @throws SystemError `EIO` and the like if something written before was lost. It is closed nevertheless.
   */
  close(): void {
    const fd = this.#fd;
    if (fd !== undefined) {
      this.#fd = undefined;
      strike(fd);
      checked(binding().close(fd), 'close', fd);
    }
  }

  /** The same as {@link OwnedFd.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
