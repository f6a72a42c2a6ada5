import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { codeOf, isFdShortage, messageOf } from '../../src/addon/thrown.js';

test.each<[string, unknown, string | undefined, string, boolean]>([
  ['an error', Object.assign(new Error('no fd'), { code: 'EMFILE' }), 'EMFILE', 'no fd', true],
  [
    'an error of another realm',
    runInNewContext(`Object.assign(new Error('no fd'), { code: 'ENFILE' })`),
    'ENFILE',
    'no fd',
    true,
  ],
  ['an error with another code', Object.assign(new Error('gone'), { code: 'ENOENT' }), 'ENOENT', 'gone', false],
  ['an error without a code', new Error('gone'), undefined, 'gone', false],
  ['a string', 'gone', undefined, 'gone', false],
  ['null', null, undefined, 'null', false],
  ['undefined', undefined, undefined, 'undefined', false],
])(
  'codeOf(), messageOf() and isFdShortage() work if the thrown value is %s',
  (_, thrown, code, message, isShortage) => {
    expect(codeOf(thrown)).toBe(code);
    expect(messageOf(thrown)).toBe(message);
    expect(isFdShortage(thrown)).toBe(isShortage);
  },
);
