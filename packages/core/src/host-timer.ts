/** A number in browsers, which have no process to keep alive. */
interface HostTimer {
  unref?(): unknown;
}

declare function setTimeout(callback: () => void, delayMs: number): HostTimer;
declare function clearTimeout(timer: HostTimer | undefined): void;

/** The longest delay of `setTimeout`, which replaces a longer one by 1 ms. */
const MAX_DELAY_MS = 0x7fff_ffff;

/**
 * Calls back once, after a delay of any length; never for `Infinity`. Returns a function that cancels it.
 *
 * @param isBackground - Whether the process may end although the timer is pending.
 */
export function startTimer(delayMs: number, callback: () => void, isBackground = false): () => void {
  let remainingMs = delayMs;
  let timer: HostTimer | undefined;
  const wind = (): void => {
    // setTimeout drops fractions of a millisecond.
    const partMs = Math.min(Math.ceil(remainingMs), MAX_DELAY_MS);
    remainingMs -= partMs;
    timer = setTimeout(remainingMs > 0 ? wind : callback, partMs);
    if (isBackground) {
      timer.unref?.();
    }
  };
  if (delayMs !== Number.POSITIVE_INFINITY) {
    wind();
  }
  return () => clearTimeout(timer);
}
