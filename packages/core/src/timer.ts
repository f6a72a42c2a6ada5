declare function setTimeout(callback: () => void, delayMs: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** The longest delay of `setTimeout`, which replaces a longer one by 1 ms. */
const MAX_DELAY_MS = 0x7fff_ffff;

/** Calls back once, after a delay of any length; never for `Infinity`. Returns a function that cancels it. */
export function startTimer(delayMs: number, callback: () => void): () => void {
  let remainingMs = delayMs;
  let timer: unknown;
  const wind = (): void => {
    // setTimeout drops fractions of a millisecond.
    const partMs = Math.min(Math.ceil(remainingMs), MAX_DELAY_MS);
    remainingMs -= partMs;
    timer = setTimeout(remainingMs > 0 ? wind : callback, partMs);
  };
  if (delayMs !== Number.POSITIVE_INFINITY) {
    wind();
  }
  return () => clearTimeout(timer);
}
