import { setImmediate } from 'node:timers';
import type { Binding } from '../addon/binding.js';
import { systemError } from '../addon/system-error.js';

/** An fd that the event loop of the host watches, referenced at first, until it is ended. */
export interface FdWatch {
  ref(): void;
  unref(): void;
  end(): void;
}

/**
 * Has libuv do it.
 *
 * @param onReady - Called in each turn of the host loop in which `fd` is readable.
 * @throws SystemError `EBADF` if the fd is not open, `ENOSYS` where the host has no libuv loop.
 */
export function watchByLibuv(native: Binding, fd: number, onReady: () => void): FdWatch {
  const handle = watching(native.watchFd(fd, onReady), 'uv_poll_init', fd);
  return {
    ref: () => native.refWatch(handle),
    unref: () => native.unrefWatch(handle),
    end: () => native.unwatchFd(handle),
  };
}

/**
 * Has a thread do it, for hosts whose loop is not libuv's.
 *
 * @param onReady - Called in each turn of the host loop in which `fd` is readable.
 * @throws SystemError `EBADF` if the fd is not open, `EMFILE`, `ENFILE`, `ENOMEM`, `EAGAIN` if there are too many
 * threads.
 */
export function watchByThread(native: Binding, fd: number, onReady: () => void): FdWatch {
  const handle = watching(
    native.watchFdByThread(fd, () => {
      // Not before the host has served its own: calls that are queued meanwhile would come in the same turn.
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

function watching<H extends object>(handle: H | number, syscall: string, fd: number): H {
  if (typeof handle === 'number') {
    throw systemError(handle, syscall, fd);
  }
  return handle;
}
