import { outOfRange } from '@em/core/check';

/** @throws RangeError `ERR_OUT_OF_RANGE` if the value is none of these. */
export function checkOneOf<T extends string | number>(name: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) {
    const list = allowed.map((one) => (typeof one === 'string' ? `'${one}'` : one)).join(', ');
    throw outOfRange(name, `one of ${list}`, value);
  }
  return value;
}
