import fc from 'fast-check';
import { compare, explain, isFine } from './compare.js';
import { describeProgram } from './describe.js';
import type { Program } from './program.js';

/** The result of a search. */
export interface SearchResult {
  readonly programs: number;
  readonly steps: number;
  /** How often PRIORITY was reported to a callback. Only triggers do so. */
  readonly priorities: number;
  /** The smallest program found that behaves differently, as text. */
  readonly difference: string | undefined;
}

/**
 * Runs random programs in both worlds. If one behaves differently, looks for a smaller one that does.
 *
 * @param attempts - How often a program has to behave differently. Even without other processes once is not enough: a
 *   thread of the runtime may open a file for a moment, which takes a number.
 */
export function search(program: fc.Arbitrary<Program>, seed: number, numRuns: number, attempts = 3): SearchResult {
  let programs = 0;
  let steps = 0;
  let priorities = 0;
  const outcome = fc.check(
    fc.property(program, (candidate) => {
      let comparison = compare(candidate);
      for (let attempt = 1; attempt < attempts && !isFine(comparison); attempt++) {
        comparison = compare(candidate);
      }
      programs++;
      steps += comparison.kernel.steps;
      priorities += comparison.kernel.log.filter((line) => line.endsWith('is called: PRIORITY')).length;
      if (!isFine(comparison)) {
        throw new Difference(explain(comparison));
      }
    }),
    { seed, numRuns },
  );
  if (!outcome.failed) {
    return { programs, steps, priorities, difference: undefined };
  }
  const [smallest] = outcome.counterexample ?? [];
  if (smallest === undefined) {
    throw new Error('Failed without a counterexample', { cause: outcome.errorInstance });
  }
  const where = `seed ${seed}, path ${outcome.counterexamplePath}, shrunk ${outcome.numShrinks} times`;
  return {
    programs,
    steps,
    priorities,
    difference: [where, describeProgram(smallest), '', describeError(outcome.errorInstance)].join('\n'),
  };
}

/** What the worlds did differently, seen in the very run that found it: another run may not show it again. */
class Difference extends Error {
  override readonly name = 'Difference';
}

function describeError(error: unknown): string {
  if (error instanceof Difference) {
    return error.message;
  }
  return error instanceof Error && error.stack !== undefined ? error.stack : String(error);
}
