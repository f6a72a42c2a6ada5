import { isMainThread } from 'node:worker_threads';
import { binding } from '../native/binding.js';

// A worker can be terminated at any moment and has no chance to close what its objects own. The addon does, by a ledger
// of these fds. In the main thread that is left to the end of the process.

/** Notes that an fd is owned. */
export function enter(fd: number): void {
  if (!isMainThread) {
    binding().enterFd(fd);
  }
}

/** Notes that it is not any more. To be called before it is closed, for its number may be another thread's at once. */
export function strike(fd: number): void {
  if (!isMainThread) {
    binding().strikeFd(fd);
  }
}
