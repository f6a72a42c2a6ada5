declare function setTimeout(callback: () => void, delayMs: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const Deno: { unrefTimer(timer: unknown): void };

/** The longest delay of `setTimeout`, which replaces a longer one by 1 ms. */
const MAX_DELAY_MS = 0x7fff_ffff;

/**
 * Calls back once, after a delay of any length; never for `Infinity`. Returns a function that cancels it.
 *
 * @param isBackground - Whether the process may end although the timer is pending.
 */
export function startTimer(delayMs: number, callback: () => void, isBackground = false): () => void {
  let remainingMs = delayMs;
  let timer: unknown;
  const wind = (): void => {
    // setTimeout drops fractions of a millisecond.
    const partMs = Math.min(Math.ceil(remainingMs), MAX_DELAY_MS);
    remainingMs -= partMs;
    timer = setTimeout(remainingMs > 0 ? wind : callback, partMs);
    if (isBackground) {
      unref(timer);
    }
  };
  if (delayMs !== Number.POSITIVE_INFINITY) {
    wind();
  }
  return () => clearTimeout(timer);
}

/** A timer is an object in Node and Bun, and a number in Deno and in browsers, where nothing has to be kept alive. */
function unref(timer: unknown): void {
  if (typeof timer === 'object') {
    (timer as { unref?(): void } | null)?.unref?.();
  } else if (typeof Deno !== 'undefined') {
    Deno.unrefTimer(timer);
  }
}
