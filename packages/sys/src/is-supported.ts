import { binding } from './addon/binding.js';
import { isFdShortage } from './addon/thrown.js';

/**
 * Returns whether this package works here: the platform is Linux, and the addon loads. It never throws. To find out why the
 * package does not work, use anything else of it, or run `npx @em/sys doctor`.
 *
 * Returns true if no fd is free to load the addon (`EMFILE`, `ENFILE`). The next use then throws that error, or works.
 *
 * @example Use the kernel on Linux, and a fake elsewhere
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
