import { invalidType } from '@em/core/check';

/**
 * Checks that a value is an object, and returns it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not.
 */
export function checkObject<T extends object>(name: string, value: T): T {
  if (typeof value !== 'object' || value === null) {
    throw invalidType(name, 'an object', value);
  }
  return value;
}
