import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { codeOf, messageOf } from '../src/errors.js';

test.each<[string, unknown, string | undefined, string]>([
  ['an error', Object.assign(new Error('no fd'), { code: 'EMFILE' }), 'EMFILE', 'no fd'],
  [
    'an error of another realm',
    runInNewContext(`Object.assign(new Error('no fd'), { code: 'EMFILE' })`),
    'EMFILE',
    'no fd',
  ],
  ['an error without a code', new Error('no fd'), undefined, 'no fd'],
  ['a string', 'no fd', undefined, 'no fd'],
  ['null', null, undefined, 'null'],
  ['undefined', undefined, undefined, 'undefined'],
])('codeOf() and messageOf() work for %s', (_, error, code, message) => {
  expect(codeOf(error)).toBe(code);
  expect(messageOf(error)).toBe(message);
});
