import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDERS = [
  '.',
  'packages/core',
  'apps/echo',
  'tools/ci/bench',
  'tools/ci/libc',
  'tools/ci/machine',
  'tools/ci/old-kernels',
  'tools/ci/runtimes',
  'tools/ci/sanitize',
  'tools/ci/tarballs',
];
const STACK = `expected 1 to be 2
    at /x/packages/core/test/a.test.ts:1:2
    at file:///x/node_modules/vitest/dist/run.js:3:4
    at new Promise (<anonymous>)`;
const GOOD = { success: true, numPassedTests: 2, numFailedTests: 0, testResults: [] };
const skipping = [{ name: 'a.test.ts', status: 'passed', assertionResults: [{ fullName: 'a b', status: 'skipped' }] }];
const failing = [
  { name: 'a.test.ts', status: 'failed', message: 'syntax', assertionResults: [] },
  {
    name: 'b.test.ts',
    status: 'failed',
    message: '',
    assertionResults: [{ fullName: 'a b', status: 'failed', failureMessages: ['expected 1 to be 2'] }],
  },
];
const unstable = [
  {
    name: 'a.test.ts',
    status: 'passed',
    assertionResults: [{ fullName: 'a b', status: 'passed', failureMessages: [STACK] }],
  },
];
const failures = `failed: packages/core: a.test.ts
syntax
failed: packages/core: a b
expected 1 to be 2
`;

test.each([
  ['adds up all reports', GOOD, 0, '20 passed, 0 failed\n'],
  ['names skipped tests', { ...GOOD, testResults: skipping }, 0, 'skipped: a b\n20 passed, 0 failed, 1 skipped\n'],
  ['fails if a test failed', { ...GOOD, success: false, numFailedTests: 3 }, 1, '20 passed, 3 failed\n'],
  [
    'says why tests and files failed',
    { ...GOOD, success: false, numFailedTests: 1, testResults: failing },
    1,
    `${failures}20 passed, 1 failed\n`,
  ],
  [
    'names unstable tests, and says why their first attempt failed',
    { ...GOOD, testResults: unstable },
    0,
    'unstable: packages/core: a b\nexpected 1 to be 2\n    at /x/packages/core/test/a.test.ts:1:2\n20 passed, 0 failed\n',
  ],
  ['fails if a file failed before its first test', { ...GOOD, success: false }, 1, '20 passed, 1 failed\n'],
  ['fails if a report is missing', undefined, 1, '18 passed, 0 failed\n'],
])('%s', (_, report, status, stdout) => {
  expect(sums(report, GOOD)).toEqual({ status, stdout });
});

test('fails if no test ran', () => {
  const empty = { ...GOOD, numPassedTests: 0 };
  expect(sums(empty, empty)).toEqual({ status: 1, stdout: '0 passed, 0 failed\n' });
});

/** Runs it on a report of packages/core, and one of each other folder. */
function sums(core: object | undefined, others: object): { status: number | null; stdout: string } {
  const root = mkdtempSync(join(tmpdir(), 'em-sums-'));
  for (const folder of FOLDERS) {
    const report = folder === 'packages/core' ? core : others;
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'package.json'), '{}');
    if (report !== undefined) {
      writeFileSync(join(root, folder, 'test-report.json'), JSON.stringify(report));
    }
  }
  const program = join(import.meta.dirname, 'sums.ts');
  const { status, stdout } = spawnSync(process.execPath, [program], { cwd: root, encoding: 'utf8' });
  rmSync(root, { recursive: true });
  return { status, stdout };
}
