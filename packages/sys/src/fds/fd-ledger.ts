import { binding, isMainThread } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';
import { fs } from '../builtins.js';

// The addon records the fds that it opens and closes. This module is for fds that come from elsewhere, or go there.

const STDERR = 2;

/**
 * Records that an fd is owned.
 *
 * When a worker ends, Node closes the numbers that `fs.open` returned there: after the owner has closed one, that may
 * be another file. So the owner gets a duplicate, and Node closes its own number now.
 *
 * @returns The number for the owner.
 * @throws SystemError `EBADF` if the fd is not open, `EMFILE` if there are too many open files, `ENOMEM`.
 */
export function takeOver(fd: number): number {
  if (isMainThread() || binding().hasFd(fd) === 1) {
    return fd;
  }
  if (fd <= STDERR || !hasPath(fd)) {
    checked(binding().enterFd(fd), 'enterFd', fd);
    return fd;
  }
  const owned = checked(binding().dupOwned(fd), 'fcntl', fd);
  closeHostFd(fd);
  return owned;
}

/** Records that an fd is not owned any more, although it is open. */
export function disown(fd: number): void {
  if (!isMainThread()) {
    binding().disownFd(fd);
  }
}

/** Whether the file was opened by a path, as Node opens files. Sockets and unnamed pipes have no path. */
function hasPath(fd: number): boolean {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith('/');
  } catch {
    return true; // The fd is not open, or there is no /proc.
  }
}

function closeHostFd(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    binding().close(fd); // Deno closes only numbers that it opened.
  }
}
