/** Returns the error that a call throws. */
export function raises(call: () => unknown): Error & { code?: string; errno?: number; syscall?: string; fd?: number } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
