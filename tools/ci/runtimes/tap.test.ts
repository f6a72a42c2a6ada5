import { expect, test } from 'vitest';
import { readTap } from './tap.ts';

const ALL = '1..3\nok 1 - reads\nsomething else\nok 2 - writes (slow) # SKIP\nok 3 - closes\n';

test('what is printed beside the results is not minded', () => {
  expect(readTap(ALL, undefined)).toEqual({
    status: 'passed',
    assertionResults: [
      { fullName: 'reads', status: 'passed' },
      { fullName: 'writes (slow)', status: 'skipped' },
      { fullName: 'closes', status: 'passed' },
    ],
  });
});

test.each([
  ['a test that failed', ALL.replace('ok 3', 'not ok 3'), undefined, 'closes'],
  ['an end before the last test', ALL.replace(/ok 3.*\n/, ''), undefined, 'after 2 of 3 tests: exit'],
  ['an end before the first', '', 'SIGTRAP', 'after 0 of 0 tests: SIGTRAP'],
  ['an exit code behind the last', ALL, 'exit code 134', 'exit code 134'],
])('%s is a failure', (_, stdout, fault, fullName) => {
  const { status, assertionResults } = readTap(stdout, fault);
  expect(status).toBe('failed');
  expect(assertionResults.filter((result) => result.status === 'failed')).toEqual([{ fullName, status: 'failed' }]);
});
