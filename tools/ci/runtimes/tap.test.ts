import { expect, test } from 'vitest';
import { readTap } from './tap.ts';

const ALL = '1..3\nok 1 - reads\nsomething else\nok 2 - writes (slow) # SKIP\nok 3 - closes\n';

test('lines between the results are ignored', () => {
  expect(readTap(ALL, undefined)).toEqual([
    { name: 'reads', status: 'passed' },
    { name: 'writes (slow)', status: 'skipped' },
    { name: 'closes', status: 'passed' },
  ]);
});

test.each([
  ['a test that failed', ALL.replace('ok 3', 'not ok 3'), undefined, 'closes'],
  ['a process that ends before its last test', ALL.replace(/ok 3.*\n/, ''), undefined, 'after 2 of 3 tests: exit'],
  ['a process that ends before its first test', '', 'SIGTRAP', 'after 0 of 0 tests: SIGTRAP'],
  ['an exit code other than 0', ALL, 'exit code 134', 'exit code 134'],
])('%s is a failure', (_, stdout, fault, name) => {
  const failed = readTap(stdout, fault).filter(({ status }) => status === 'failed');
  expect(failed).toEqual([{ name, status: 'failed', output: stdout }]);
});
