import { isMainThread } from 'node:worker_threads';
import { binding } from '../native/binding.js';

// What the addon makes and closes, it notes by itself. This is for fds that come from elsewhere, or go there.

/** Notes that an fd is owned. */
export function enter(fd: number): void {
  if (!isMainThread) {
    binding().enterFd(fd);
  }
}

/** Notes that it is not any more, although it is open. */
export function strike(fd: number): void {
  if (!isMainThread) {
    binding().strikeFd(fd);
  }
}
