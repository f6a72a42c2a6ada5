// Argument checks for this package, and for pollers and fd types.

/** The error for an argument of the wrong type: a `TypeError` with code `ERR_INVALID_ARG_TYPE`, as Node throws it. */
export function invalidType(name: string, expected: string, received: unknown): TypeError {
  return Object.assign(new TypeError(`"${name}" must be ${expected}. Received ${describe(received)}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/** The error for a value that is not allowed: a `RangeError` with code `ERR_OUT_OF_RANGE`, as Node throws it. */
export function outOfRange(name: string, expected: string, received: unknown): RangeError {
  return Object.assign(new RangeError(`"${name}" must be ${expected}. Received ${describe(received)}`), {
    code: 'ERR_OUT_OF_RANGE',
  });
}

/**
 * Checks that a value is an integer within bounds, and returns it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not a number, RangeError `ERR_OUT_OF_RANGE` if it is not in range.
 */
export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number') {
    throw invalidType(name, 'a number', value);
  }
  if (!Number.isInteger(value) || value < min || value > max) {
    throw outOfRange(name, `an integer from ${min} to ${max}`, value);
  }
  return value;
}

/**
 * Checks that a value is a bigint within bounds, and returns it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not a bigint, RangeError `ERR_OUT_OF_RANGE` if it is not in range.
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

/**
 * Checks that a value can be a file descriptor: an integer from 0 to 2³¹ − 1.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it cannot.
 */
export function checkFd(fd: unknown): number {
  return checkInteger('fd', fd, 0, 0x7fff_ffff);
}

/**
 * Checks that a value is a function.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not.
 */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') {
    throw invalidType(name, 'a function', value);
  }
}

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
 * Checks that a value is an object without unknown fields, which are often misspelt, and returns it.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not.
 */
export function checkOptions<T extends object>(name: string, value: T, known: readonly (keyof T & string)[]): T {
  const names: readonly string[] = known;
  const unknown = Object.keys(checkObject(name, value)).find((key) => !names.includes(key));
  if (unknown !== undefined) {
    throw invalidType(`${name}.${unknown}`, `left out: it is none of ${names.join(', ')}`, Reflect.get(value, unknown));
  }
  return value;
}

/** Describes a value without calling its methods: it may be a proxy that throws. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}
