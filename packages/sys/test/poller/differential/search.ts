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
 * @param attempts - How often a program has to behave differently, where other processes can disturb it.
 */
export function search(program: fc.Arbitrary<Program>, seed: number, numRuns: number, attempts = 1): SearchResult {
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
      return isFine(comparison);
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
    difference: [where, describeProgram(smallest), '', outcomeOf(smallest)].join('\n'),
  };
}

function outcomeOf(failing: Program): string {
  try {
    return explain(compare(failing));
  } catch (error) {
    return error instanceof Error && error.stack !== undefined ? error.stack : String(error);
  }
}
