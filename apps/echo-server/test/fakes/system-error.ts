/** A system error with this code. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: of some kind`), { code });
}
