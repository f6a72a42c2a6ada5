import type { AbortSignalLike } from '@em/core';

/** A signal that never aborts, and says how many listen to it. */
export function countingSignal(): { signal: AbortSignalLike; count: () => number } {
  let count = 0;
  const signal = {
    aborted: false,
    addEventListener: () => void count++,
    removeEventListener: () => void count--,
  };
  return { signal, count: () => count };
}
