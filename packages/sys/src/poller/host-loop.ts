import type { Attachment } from '@em/core';
import type { Binding } from '../addon/binding.js';
import { systemError } from '../addon/system-error.js';
import { setImmediate } from '../builtins.js';
import type { EntriesAhead } from './entries-ahead.js';

/** An fd that the event loop of the host watches, until `end`. It keeps that loop alive until `unref`. */
interface HostWatch {
  ref(): void;
  unref(): void;
  end(): void;
}

/**
 * An epoll instance in the event loop of the host. Only epoll fds are watched there, never those of the user: libuv
 * aborts the process if an fd that it watches is closed by other code.
 */
export class HostLoopAttachment implements Attachment {
  readonly #native: Binding;
  readonly #ahead: EntriesAhead;
  readonly #onReady: () => boolean;
  readonly #start = needsThread() ? watchByThread : watchByLibuv;
  #watch: HostWatch | undefined;
  #hasRef = true;

  /**
   * @param ahead - Receives entries that were found before `onReady` is called again in the same turn.
   * @param onReady - Called in each turn of the host loop in which `epollFd` is readable. Returns whether it may be called
   * again in the same turn.
   * @throws SystemError `EBADF` if the fd is not open, `ELOOP` if epoll fds are nested too deep, `ENOMEM`; with a
   * thread, also `EMFILE`, `ENFILE`, `EAGAIN`.
   */
  constructor(native: Binding, epollFd: number, ahead: EntriesAhead, onReady: () => boolean) {
    this.#native = native;
    this.#ahead = ahead;
    this.#onReady = onReady;
    this.#watch = this.#start(native, epollFd, ahead, onReady);
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

  /** Watches another epoll instance instead, unless it is detached. */
  moveTo(epollFd: number): void {
    if (this.#watch !== undefined) {
      const watch = this.#start(this.#native, epollFd, this.#ahead, this.#onReady);
      this.#watch.end();
      this.#watch = watch;
      if (!this.#hasRef) {
        watch.unref();
      }
    }
  }
}

/**
 * Bun and Deno have the functions of libuv, but not its loop: calling them ends the process in Bun. Under Node, tests
 * choose the thread with `EM_SYS_HOST_LOOP=thread`.
 */
function needsThread(): boolean {
  return 'bun' in process.versions || 'deno' in process.versions || process.env['EM_SYS_HOST_LOOP'] === 'thread';
}

function watchByLibuv(native: Binding, fd: number, ahead: EntriesAhead, onReady: () => boolean): HostWatch {
  const serve = (found: number): number => ahead.serve(found, onReady);
  const handle = checkedHandle(native.watchFd(fd, serve, ahead.buffer), 'uv_poll_init', fd);
  return {
    ref: () => native.refWatch(handle),
    unref: () => native.unrefWatch(handle),
    end: () => native.unwatchFd(handle),
  };
}

function watchByThread(native: Binding, fd: number, _ahead: EntriesAhead, onReady: () => boolean): HostWatch {
  const handle = checkedHandle(
    native.watchFdByThread(fd, () => {
      // Later, after the host has done its own work: a call that the thread queues now would come in the same turn.
      setImmediate(native.rearmThread, handle);
      onReady();
    }),
    'pthread_create',
    fd,
  );
  return {
    ref: () => native.refThread(handle),
    unref: () => native.unrefThread(handle),
    end: () => native.unwatchByThread(handle),
  };
}

function checkedHandle<H extends object>(handle: H | number, syscall: string, fd: number): H {
  if (typeof handle === 'number') {
    throw systemError(handle, syscall, fd);
  }
  return handle;
}
