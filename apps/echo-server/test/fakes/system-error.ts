/** An error as the kernel would cause it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: of some kind`), { code });
}
