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
