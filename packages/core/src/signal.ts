import type { AbortSignalLike } from './options.js';

/** What ends when a signal aborts. */
interface Follower {
  /** Stops listening to the signal. */
  detach: (() => void) | undefined;
  [Symbol.dispose](): void;
}

/** Ends the follower when the signal aborts. */
export function follow(signal: AbortSignalLike, follower: Follower): void {
  if (signal.aborted) {
    throw signal.reason;
  }
  const onAbort = (): void => follower[Symbol.dispose]();
  follower.detach = (): void => signal.removeEventListener('abort', onAbort);
  signal.addEventListener('abort', onAbort);
}
