import type { Result } from './results.ts';

/**
 * Reads what a process printed.
 *
 * @param fault - Why the process failed although all its tests passed, for example its exit code.
 */
export function readTap(stdout: string, fault: string | undefined): Result[] {
  const planned = Number(/^1\.\.(\d+)$/m.exec(stdout)?.[1] ?? 0);
  const lines = stdout.matchAll(/^(not )?ok \d+ - (.*?)( # SKIP)?$/gm);
  const results: Result[] = Array.from(lines, ([, not, name = '', skip]) =>
    not ? { name, status: 'failed', output: stdout } : { name, status: skip ? 'skipped' : 'passed' },
  );
  if (results.length !== planned || planned === 0) {
    const name = `after ${results.length} of ${planned} tests: ${fault ?? 'exit'}`;
    results.push({ name, status: 'failed', output: stdout });
  } else if (fault !== undefined) {
    results.push({ name: fault, status: 'failed', output: stdout });
  }
  return results;
}
