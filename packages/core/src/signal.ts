import type { AbortSignalLike } from './options.js';

/** Calls `onAbort` when the signal aborts. Returns what stops listening to the signal. */
export function follow(signal: AbortSignalLike, onAbort: () => unknown): () => void {
  if (signal.aborted) {
    throw signal.reason;
  }
  signal.addEventListener('abort', onAbort);
  return () => signal.removeEventListener('abort', onAbort);
}
