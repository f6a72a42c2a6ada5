import type { TestFile } from '../../test-report.ts';

/**
 * Reads what a process has printed.
 *
 * @param fault - Why it is not to be believed even if all has passed, such as an exit code.
 */
export function readTap(stdout: string, fault: string | undefined): TestFile {
  const planned = Number(/^1\.\.(\d+)$/m.exec(stdout)?.[1] ?? 0);
  const results = [...stdout.matchAll(/^(not )?ok \d+ - (.*?)( # SKIP)?$/gm)].map(([, not, fullName = '', skip]) => {
    const verdict = not ? 'failed' : 'passed';
    return { fullName, status: skip ? 'skipped' : verdict };
  });
  if (results.length !== planned || planned === 0) {
    results.push({ fullName: `after ${results.length} of ${planned} tests: ${fault ?? 'exit'}`, status: 'failed' });
  } else if (fault !== undefined) {
    results.push({ fullName: fault, status: 'failed' });
  }
  const isFailed = results.some(({ status }) => status === 'failed');
  return { status: isFailed ? 'failed' : 'passed', assertionResults: results };
}
