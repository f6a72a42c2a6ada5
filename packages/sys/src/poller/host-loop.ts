import type { Attachment } from '@em/core';
import type { Binding } from '../addon/binding.js';
import { type FdWatch, watchByLibuv, watchByThread } from './fd-watch.js';

/**
 * An epoll instance in the event loop of the host. Only an epoll fd is ever watched there, never a user's: libuv aborts
 * the process when an fd that it watches is closed behind its back.
 */
export class HostLoopAttachment implements Attachment {
  readonly #native: Binding;
  readonly #onReady: () => void;
  readonly #watchFd = needsThread() ? watchByThread : watchByLibuv;
  #watch: FdWatch | undefined;
  #hasRef = true;

  /** @throws SystemError `EBADF` if the fd is not open, `ENOMEM`; with a thread, also `EMFILE`, `ENFILE`, `EAGAIN`. */
  constructor(native: Binding, epollFd: number, onReady: () => void) {
    this.#native = native;
    this.#onReady = onReady;
    this.#watch = this.#start(epollFd);
  }

  ref(): void {
    this.#hasRef = true;
    this.#watch?.ref();
  }

  unref(): void {
    this.#hasRef = false;
    this.#watch?.unref();
  }

  detach(): void {
    this.#watch?.end();
    this.#watch = undefined;
  }

  /** Goes over to another epoll instance, unless it is detached. */
  moveTo(epollFd: number): void {
    if (this.#watch !== undefined) {
      const watch = this.#start(epollFd);
      this.#watch.end();
      this.#watch = watch;
      if (!this.#hasRef) {
        watch.unref();
      }
    }
  }

  #start(epollFd: number): FdWatch {
    return this.#watchFd(this.#native, epollFd, this.#onReady);
  }
}

/**
 * Bun and Deno have libuv's functions, but not its loop: in Bun, to call them is to end the process. With
 * `EM_SYS_HOST_LOOP=thread` the tests have it their way under Node, too.
 */
function needsThread(): boolean {
  return 'bun' in process.versions || 'deno' in process.versions || process.env['EM_SYS_HOST_LOOP'] === 'thread';
}
