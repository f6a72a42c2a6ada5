import { describe, expect, test } from 'vitest';

/** What another process reports of a test. */
export interface Result {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What the process printed, if the test failed, or passed only at its second attempt. */
  readonly output?: string;
}

/**
 * Makes each result a test of this run, so that reports and sums include it. What passed there at the second attempt
 * does so here, too.
 */
export function declareTests(title: string, results: readonly Result[]): void {
  describe(title, () => {
    for (const { name, status, output } of results) {
      const outcomes = status === 'passed' && output !== undefined ? ['failed', status] : [status];
      test.skipIf(status === 'skipped')(name, { retry: outcomes.length - 1 }, () => {
        expect(outcomes.shift(), output).toBe('passed');
      });
    }
  });
}
