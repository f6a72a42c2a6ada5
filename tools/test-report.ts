// What a run of tests leaves in test-report.json: the part of what vitest writes that is counted.

export interface TestReport {
  readonly testResults: readonly TestFile[];
}

export interface TestFile {
  readonly status: string;
  readonly assertionResults: readonly TestResult[];
}

interface TestResult {
  readonly status: string;
  readonly fullName: string;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Their names. */
  readonly skipped: readonly string[];
}

export function countTests(files: readonly TestFile[]): Counts {
  const results = files.flatMap((file) => file.assertionResults);
  const passed = results.filter(({ status }) => status === 'passed').length;
  // A file that failed before its first test, for example by a syntax error, is a failure too.
  const failed = files.reduce((sum, file) => sum + Math.max(failures(file), file.status === 'failed' ? 1 : 0), 0);
  const others = results.filter(({ status }) => status !== 'passed' && status !== 'failed');
  return { passed, failed, skipped: others.map(({ fullName }) => fullName) };
}

/** `12 passed, 0 failed`, and `, 1 skipped` if there are any. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}

function failures({ assertionResults }: TestFile): number {
  return assertionResults.filter(({ status }) => status === 'failed').length;
}
