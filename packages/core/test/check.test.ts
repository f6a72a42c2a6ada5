import { describe, expect, test } from 'vitest';
import { checkBigint, checkFd, checkFunction, checkInteger, invalidType } from '../src/check.js';
import * as expected from './expected-errors.js';

describe('checkInteger()', () => {
  test.each([-3, -0, 0, 7])('returns %d, which is in range', (value) => {
    expect(checkInteger('n', value, -3, 7)).toBe(value);
  });

  test.each([-4, 8, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses the number %d with ERR_OUT_OF_RANGE',
    (value) => {
      expect(() => checkInteger('n', value, -3, 7)).toThrow(expected.outOfRange);
    },
  );

  test.each(['1', 1n, null, undefined, false, {}, Symbol('1')])('refuses %o with ERR_INVALID_ARG_TYPE', (value) => {
    expect(() => checkInteger('n', value, -3, 7)).toThrow(expected.invalidType);
  });

  test('names the argument, the bounds and the value', () => {
    expect(() => checkInteger('backlog', -4, -3, 7)).toThrow('"backlog" must be an integer from -3 to 7. Received -4');
  });
});

test('checkBigint() accepts bigints within bounds, and nothing else', () => {
  expect(checkBigint('n', -3n, -3n, 7n)).toBe(-3n);
  expect(checkBigint('n', 7n, -3n, 7n)).toBe(7n);
  expect(() => checkBigint('n', 8n, -3n, 7n)).toThrow(expected.outOfRange);
  expect(() => checkBigint('n', -4n, -3n, 7n)).toThrow('"n" must be a bigint from -3n to 7n. Received -4n');
  expect(() => checkBigint('n', 1, -3n, 7n)).toThrow(expected.invalidType);
});

test('checkFd() accepts 0 to 2³¹ − 1, and nothing else', () => {
  expect(checkFd(0)).toBe(0);
  expect(checkFd(2 ** 31 - 1)).toBe(2 ** 31 - 1);
  expect(() => checkFd(-1)).toThrow(expected.outOfRange);
  expect(() => checkFd(2 ** 31)).toThrow(expected.outOfRange);
});

test('checkFunction() accepts functions, and nothing else', () => {
  expect(() => checkFunction('callback', () => 1)).not.toThrow();
  expect(() => checkFunction('callback', class {})).not.toThrow();
  expect(() => checkFunction('callback', { call: () => 1 })).toThrow(expected.invalidType);
});

const throwing = new Proxy(
  {},
  {
    get() {
      throw new Error('trapped');
    },
  },
);

test.each([
  ["'abc'", 'abc'],
  [`'${'x'.repeat(40)}…'`, 'x'.repeat(41)],
  ['12n', 12n],
  ['-0', -0],
  ['NaN', Number.NaN],
  ['true', true],
  ['undefined', undefined],
  ['null', null],
  ['an object', throwing],
  ['a symbol', Symbol('s')],
  ['a function', () => 1],
])('a message describes the value: %s', (description, value) => {
  expect(invalidType('n', 'a thing', value).message).toBe(`"n" must be a thing. Received ${description}`);
});
