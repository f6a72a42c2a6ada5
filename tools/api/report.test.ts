import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { apiReports } from './report.ts';

const reports = apiReports();

test('each library has a report of their API', () => {
  expect(reports.map(({ path }) => basename(dirname(path)))).toEqual(['core', 'streams', 'sys', 'testing']);
});

test.each(reports)('$path is up to date; if not, run `pnpm api`', ({ path, text }) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(text);
});
