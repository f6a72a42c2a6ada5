import type { Attachment } from '@em/core';
import type { Binding, WatchHandle } from './binding.js';
import { systemError } from './system-error.js';

/** Bun and Deno have libuv's functions, but not its loop: in Bun to call them is to end the process. */
export const HAS_LIBUV: boolean = !('bun' in process.versions || 'deno' in process.versions);

/**
 * An epoll instance in libuv's loop. Only an epoll fd is ever given to libuv, never a user's: libuv aborts the process
 * when an fd that it watches is closed behind its back.
 */
export class HostLoopAttachment implements Attachment {
  readonly #native: Binding;
  readonly #onReady: () => void;
  #watch: WatchHandle | undefined;
  #hasRef = true;

  /** @throws SystemError `EBADF` if the fd is not open, `ENOSYS` where the host has no libuv loop. */
  constructor(native: Binding, epollFd: number, onReady: () => void) {
    this.#native = native;
    this.#onReady = onReady;
    this.#watch = this.#start(epollFd);
  }

  ref(): void {
    this.#hasRef = true;
    this.#applyRef();
  }

  unref(): void {
    this.#hasRef = false;
    this.#applyRef();
  }

  detach(): void {
    if (this.#watch !== undefined) {
      this.#native.unwatchFd(this.#watch);
      this.#watch = undefined;
    }
  }

  /** Goes over to another epoll instance, unless it is detached. */
  moveTo(epollFd: number): void {
    if (this.#watch !== undefined) {
      const watch = this.#start(epollFd);
      this.#native.unwatchFd(this.#watch);
      this.#watch = watch;
      this.#applyRef();
    }
  }

  #start(epollFd: number): WatchHandle {
    const watch = this.#native.watchFd(epollFd, this.#onReady);
    if (typeof watch === 'number') {
      throw systemError(watch, 'uv_poll_init', epollFd);
    }
    return watch;
  }

  #applyRef(): void {
    if (this.#watch !== undefined) {
      const { refWatch, unrefWatch } = this.#native;
      (this.#hasRef ? refWatch : unrefWatch)(this.#watch);
    }
  }
}
