import { closeSync, readlinkSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { binding } from '../addon/binding.js';
import { checked } from '../addon/system-error.js';

// What the addon makes and closes, it notes by itself. This is for fds that come from elsewhere, or go there.

const STDERR = 2;

/**
 * Notes that an fd is owned.
 *
 * When a worker ends, Node closes what `fs.open` returned there, by its number: an owner would close it a second time. So
 * the owner gets a duplicate, and Node closes its own now.
 *
 * @returns The number that the owner has it under.
 * @throws SystemError `EBADF` if it is not open, `EMFILE` if there are too many open files, `ENOMEM`.
 */
export function takeOver(fd: number): number {
  if (isMainThread || binding().hasFd(fd) === 1) {
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

/** Notes that it is not any more, although it is open. */
export function strike(fd: number): void {
  if (!isMainThread) {
    binding().strikeFd(fd);
  }
}

/** Whether the file was opened by a path, as Node opens files. Sockets and unnamed pipes have none. */
function hasPath(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/');
  } catch {
    return true; // it is not open, or there is no /proc
  }
}

function closeHostFd(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    binding().close(fd); // Deno closes no number that it has not opened.
  }
}
