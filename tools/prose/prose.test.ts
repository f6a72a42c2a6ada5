import { describe, expect, test } from 'vitest';
import { patterns } from './patterns.js';
import { check } from './prose.js';

describe.each(patterns)('$pattern', ({ caught, passes, instead }) => {
  test('catches a sentence, and says what to write instead', () => {
    expect(check('a.md', `${caught}\n`)).toContainEqual(expect.objectContaining({ line: 1, instead }));
  });

  test('lets plain English pass', () => {
    expect(check('a.md', `${passes}\n`)).toEqual([]);
  });
});

const places: ReadonlyArray<readonly [place: string, path: string, source: string]> = [
  ['a comment of one line', 'a.ts', 'f(x); // mostly\n'],
  ['a comment of many lines', 'a.ts', '/**\n * This is\n * mostly so.\n */\n'],
  ['an error message', 'a.ts', "throw new Error('it mostly fails');\n"],
  ['a template', 'a.ts', 'throw new Error(`it mostly fails`);\n'],
  ['a test title', 'a.test.ts', "test('it mostly fails', () => {});\n"],
  ['a comment of C++', 'a.cc', 'int a;  // mostly\n'],
  ['a comment of a shell script', '.ci/run', 'ls # mostly\n'],
  ['a comment of YAML', 'ci.yml', 'a: b # mostly\n'],
  ['a comment of an example in Markdown', 'a.md', '```ts\nf(); // mostly\n```\n'],
];

test.each(places)('looks into %s', (_, path, source) => {
  expect(check(path, source).map(({ text }) => text)).toEqual(['mostly']);
});

const code: ReadonlyArray<readonly [code: string, path: string, source: string]> = [
  ['names in code', 'a.ts', 'clients.tell(mostly);\n'],
  ['a string of one word', 'a.ts', "f('mostly');\n"],
  ['names in a comment', 'a.ts', '// calls `tell()`, see {@link tell}\n'],
  ['code in Markdown', 'a.md', 'Call `tell()`.\n\n```ts\ntell();\n```\n\n```sh\ntell\n```\n'],
  ['commands in a shell script', '.ci/run', 'tell mostly\n'],
];

test.each(code)('does not look into %s', (_, path, source) => {
  expect(check(path, source)).toEqual([]);
});

test.each([
  ['a.ts', 'f();\n// A client is told\n// so many bytes that\n// somebody waits.\n', [2, 3, 4]],
  ['a.md', 'A client\n\n- is so\n  many\n', [3]],
])('finds what goes over a line break, and says on which line it begins: %s', (path, source, lines) => {
  expect(check(path, source).map(({ line }) => line)).toEqual(lines);
});
