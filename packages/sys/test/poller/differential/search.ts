import fc from 'fast-check';
import { program } from './arbitraries.js';
import { compare, explain, isFine } from './compare.js';
import { describeProgram } from './describe.js';
import type { Program } from './program.js';

/** The result of a search. */
export interface SearchResult {
  readonly programs: number;
  readonly steps: number;
  /** The smallest program found that behaves differently, as text. */
  readonly difference: string | undefined;
}

/** Runs random programs in both worlds. If one behaves differently, looks for a smaller one that does. */
export function search(seed: number, numRuns: number): SearchResult {
  let programs = 0;
  let steps = 0;
  const outcome = fc.check(
    fc.property(program, (candidate) => {
      const comparison = compare(candidate);
      programs++;
      steps += comparison.kernel.steps;
      return isFine(comparison);
    }),
    { seed, numRuns },
  );
  if (!outcome.failed) {
    return { programs, steps, difference: undefined };
  }
  const [smallest] = outcome.counterexample ?? [];
  if (smallest === undefined) {
    throw new Error('Failed without a counterexample', { cause: outcome.errorInstance });
  }
  const where = `seed ${seed}, path ${outcome.counterexamplePath}, shrunk ${outcome.numShrinks} times`;
  return { programs, steps, difference: [where, describeProgram(smallest), '', outcomeOf(smallest)].join('\n') };
}

function outcomeOf(failing: Program): string {
  try {
    return explain(compare(failing));
  } catch (error) {
    return error instanceof Error && error.stack !== undefined ? error.stack : String(error);
  }
}
