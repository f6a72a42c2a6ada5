import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rows = [...read('docs/cheat-sheet.md').matchAll(/^\|[^|]+\|[^|]*`([A-Z]\w*[a-z]\w*)` \|[^|]*\|([^|]*)\|.*$/gm)];
const apis = ['sys', 'devices'].map((name) => read(`packages/${name}/api.md`)).join('');

test.each(rows.map(([, name = '', reading = '']) => [name, reading] as const))(
  'the cheat sheet reads %s with methods that it has',
  (name, reading) => {
    expect(classes(name)).not.toEqual([]);
    for (const [, method] of reading.matchAll(/`(\w+)\(/g)) {
      expect(classes(name).some((text) => new RegExp(`^    ${method}\\(`, 'm').test(text))).toBe(true);
    }
  },
);

/** The types of what the cheat sheet says that a method returns. */
const TYPES: Readonly<Record<string, RegExp>> = {
  'the count': /^bigint /,
  'how often': /^bigint /,
  'an array': /^\w+\[\] /,
  '0 at the end': /^number /,
};

const calls = rows.flatMap(([, name = '', reading = '']) =>
  [...reading.matchAll(/`(\w+)\((\w*)\)`(?: returns ([\w ]*\w))?/g)].map(
    ([call, method = '', argument = '', meaning]) => ({ name, call, method, argument, meaning }),
  ),
);

test.each(calls)('the cheat sheet is right about the types of $name: $call', ({ name, method, argument, meaning }) => {
  const signature = new RegExp(`^    ${method}\\((.*)\\): (.*);$`, 'm');
  const [, parameters = '', type = ''] =
    classes(name)
      .map((text) => signature.exec(text))
      .find((found) => found !== null) ?? [];
  const required = [...parameters.matchAll(/(\w+): /g)].map(([, parameter]) => parameter);
  expect(required).toEqual(argument === '' ? [] : [argument]);
  // What holds for every row: a read that would block.
  expect(type).toMatch(/ \| undefined$/);
  if (meaning !== undefined) {
    expect(type).toMatch(TYPES[meaning] ?? 'a known meaning');
  }
});

test('the cheat sheet has a row for each class that reads', () => {
  const readers = [...apis.matchAll(/^export declare class (\w+)(?:<.*>)? extends .*\{\n((?: {4}.*\n)*)/gm)]
    .filter(([, , members = '']) => /^ {4}(read\w*|receive\w*|accept|exitStatus)\(/m.test(members))
    .map(([, name]) => name);
  const names = rows.map(([, name]) => name);
  expect(readers.length).toBeGreaterThan(15);
  expect(readers.filter((name) => !names.includes(name))).toEqual([]);
});

/** The declarations of a class and of those that it extends. */
function classes(name: string): string[] {
  const [text, parent] = new RegExp(
    `^(?:export )?(?:declare )?(?:abstract )?class ${name}\\b.*?(?:extends (\\w+).*)?\\{\\n(?: {4}.*\\n)*`,
    'm',
  ).exec(apis) ?? [undefined];
  return text === undefined ? [] : [text, ...(parent === undefined ? [] : classes(parent))];
}
