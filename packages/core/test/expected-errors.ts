import { expect } from 'vitest';

/** For `toThrow`: a `TypeError` as Node throws it for an argument of the wrong type. */
export const invalidType: Error = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });

/** For `toThrow`: a `RangeError` as Node throws it for a value out of range. */
export const outOfRange: Error = expect.objectContaining({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });

/** For `toThrow`: an EventManagerError with this code. */
export function emError(code: string): Error {
  return expect.objectContaining({ name: 'EventManagerError', code });
}
