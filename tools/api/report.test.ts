import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { apiReports } from './report.ts';

const reports = apiReports();

test('core, sys and testing have a report of their API', () => {
  expect(reports.map(({ path }) => basename(dirname(path)))).toEqual(['core', 'sys', 'testing']);
});

test.each(reports)('the API is as $path says; `pnpm api` writes it anew', ({ path, text }) => {
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(text);
});
