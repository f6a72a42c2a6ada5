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

/**
 * Checks the fields of an options object that are left once the known ones are taken out: there must be none.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if there is one.
 */
export function refuseUnknown(rest: object, of = 'options'): void {
  const [unknown] = Object.entries(rest);
  if (unknown !== undefined) {
    const [name, value] = unknown;
    throw invalidType(`${of}.${name}`, 'left out: there is no such option', value);
  }
}
