import { invalidType } from '@em/core/check';

/**
 * Checks that a value is a boolean, and returns it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not.
 */
export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') {
    throw invalidType(name, 'a boolean', value);
  }
  return value;
}
