import { invalidType, outOfRange } from '@em/core/check';

/**
 * Checks that a value is a bigint within bounds, and returns it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is no bigint, RangeError `ERR_OUT_OF_RANGE` if it is another one.
 */
export function checkBigint(name: string, value: unknown, min: bigint, max: bigint): bigint {
  if (typeof value !== 'bigint') {
    throw invalidType(name, 'a bigint', value);
  }
  if (value < min || value > max) {
    throw outOfRange(name, `a bigint from ${min}n to ${max}n`, value);
  }
  return value;
}
