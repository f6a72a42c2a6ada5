import { binding } from './addon/binding.js';
import { isFdShortage } from './addon/thrown.js';

/**
 * Whether this package works here: this is Linux, and the addon loads. It never throws; to know why not, use anything
 * else of this package, or run `npx @em/sys doctor`.
 *
 * If no fd is free to load the addon (`EMFILE`, `ENFILE`), it returns true: the next use throws that error or works.
 *
 * @example Take the kernel where there is one
 * ```ts
 * const poller = isSupported() ? new EpollPoller() : new FakePoller();
 * ```
 */
export function isSupported(): boolean {
  try {
    binding();
    return true;
  } catch (error) {
    return isFdShortage(error);
  }
}
