import { binding } from './native/binding.js';

/**
 * Whether this package works here: this is Linux, and the addon loads. It never throws; to know why not, use anything
 * else of this package, or run `npx @em/sys doctor`.
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
  } catch {
    return false;
  }
}
