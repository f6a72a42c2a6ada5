import type { FakePoller } from '@em/testing';
import { contract, type Harness } from '@em/testing/contract';

/** The titles of the scenarios, by result. */
export interface Outcome {
  readonly passed: string[];
  readonly failed: string[];
  readonly skipped: string[];
}

/** A small test runner: runs the contract suite, and returns the result of each scenario. */
export async function collect<P extends FakePoller>(harness: Harness<P>): Promise<Outcome> {
  const scenarios: { name: string; run: () => Promise<void> }[] = [];
  const outcome: Outcome = { passed: [], failed: [], skipped: [] };
  contract({
    name: 'collected',
    describe: (_name, body) => body(),
    test: Object.assign((name: string, run: () => Promise<void>) => void scenarios.push({ name, run }), {
      skip: (name: string) => void outcome.skipped.push(name),
    }),
    harness,
  });
  for (const { name, run } of scenarios) {
    await run().then(
      () => outcome.passed.push(name),
      () => outcome.failed.push(name),
    );
  }
  return outcome;
}
