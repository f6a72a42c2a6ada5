import { constants } from 'node:os';
import { isSharedArrayBuffer, isUint32Array } from 'node:util/types';
import { EventManagerError } from '@em/core';
import { invalidType } from '@em/core/check';
import { binding, type SharedWords } from '../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { OwnedFd } from '../fds/owned-fd.js';

const { EBADF } = constants.errno;

/** Written to an eventfd, it adds 1. */
export const ONE: ArrayBuffer = new BigUint64Array([1n]).buffer;

/**
 * The word in the memory of every handle, "emWk". It catches mistakes, but proves nothing: any thread can write it. The
 * addon recognises a handle by its address alone.
 */
const MARK = 0x65_6d_57_6b;

/** Plain data to post to a worker, which makes a {@link Waker} from it. It keeps nothing open. */
export interface WakerHandle {
  /** Internal. Do not use it. */
  readonly sharedFd: Uint32Array;
}

/**
 * Wakes a manager of another thread, as `manager.wake()` does in its own thread: `wait()` returns 0 with cause
 * `'wake'`, and so does the wait inside `run()`. All wakes before that count as one, by any number of wakers.
 *
 * A wake after the manager is closed does nothing.
 *
 * @throws EventManagerError `ERR_EM_CLOSED` from every method except `close` once the waker is closed.
 *
 * @example A worker wakes the main thread
 * ```ts
 * // The main thread
 * const manager = new EventManager();
 * worker.postMessage(manager.waker());
 *
 * // The worker
 * parentPort.once('message', (handle) => {
 *   using waker = new Waker(handle);
 *   waker.wake();
 * });
 * ```
 */
export class Waker extends OwnedFd {
  /**
   * @param handle - From `EventManager.waker()`, of any thread of this process that loaded the same file of the addon.
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `handle` does not come from there.
   * @throws EventManagerError `ERR_EM_CLOSED` if the poller is closed, if its worker has ended, if the handle is a copy
   * of another, or if its thread loaded another file of the addon.
   * @throws SystemError `EMFILE` if too many files are open.
   */
  constructor(handle: WakerHandle) {
    super(duplicate(checkHandle(handle)));
  }

  wake(): void {
    // The write would block if 2⁶⁴ − 2 wakes were pending.
    checkedUnlessBlocked(binding().writeCounter(this.fd, ONE), 'write', this.fd);
  }
}

/** Memory for a handle. The addon identifies it by its address. */
export function createSharedWords(): SharedWords {
  const words = new Uint32Array(new SharedArrayBuffer(Uint32Array.BYTES_PER_ELEMENT));
  words[0] = MARK;
  return words;
}

function duplicate(words: SharedWords): number {
  const fd = binding().dupSharedFd(words);
  if (fd === -EBADF) {
    throw new EventManagerError(
      'ERR_EM_CLOSED',
      'Cannot make a waker: the poller is closed, or its thread loaded another copy of the addon of @em/sys',
    );
  }
  return checked(fd, 'fcntl');
}

function checkHandle(handle: WakerHandle): SharedWords {
  const words: unknown = (handle as Partial<WakerHandle> | null | undefined)?.sharedFd;
  if (!isUint32Array(words) || !isSharedArrayBuffer(words.buffer) || words.length !== 1 || words[0] !== MARK) {
    throw invalidType('handle', 'what EventManager.waker() returns', handle);
  }
  return words as SharedWords;
}
