import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { apiReports } from './report.ts';

const reports = apiReports();

test('each library has a report of their API', () => {
  expect(reports.map(({ path }) => basename(dirname(path)))).toEqual(['core', 'devices', 'streams', 'sys', 'testing']);
});

test.each(reports)('$path is up to date; if not, run `pnpm api`', ({ path, text }) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(text);
});

test('the declarations of core mention no type that none of its entries exports', () => {
  const text = reports.find(({ path }) => path.endsWith('core/api.md'))?.text ?? '';
  const [exported = '', ...rest] = text.split('Mentioned by these, and not exported:');
  const namesOf = (part: string) =>
    Array.from(part.matchAll(/^export (?:declare )?(?:abstract )?\w+ (\w+)/gm), ([, name = '']) => name);
  const mentioned = rest.flatMap((part) => namesOf(part.split('\n## ', 1)[0] ?? ''));
  const all = new Set([exported, ...rest.map((part) => part.slice(part.indexOf('\n## ')))].flatMap(namesOf));
  expect(mentioned.filter((name) => !all.has(name))).toEqual([]);
});
