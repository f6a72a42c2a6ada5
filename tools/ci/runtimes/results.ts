import { describe, expect, test } from 'vitest';

/** What another process reports of a test. */
export interface Result {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What the process printed, if the test failed. */
  readonly output?: string;
}

/** Makes each result a test of this run, so that reports and sums include it. */
export function declareTests(title: string, results: readonly Result[]): void {
  describe(title, () => {
    for (const { name, status, output } of results) {
      test.skipIf(status === 'skipped')(name, () => {
        expect(status, output).toBe('passed');
      });
    }
  });
}
