import { bunVersion } from './bun.ts';
import { type Circumstances, circumstances } from './machine.ts';
import { type CaseResult, measure } from './measure.ts';
import type { Effort, Question } from './question.ts';

export interface QuestionResult {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly CaseResult[];
}

export interface Results {
  readonly circumstances: Circumstances;
  /** The version of Bun, if it took part. */
  readonly bun?: string;
  readonly effort: Effort;
  readonly seconds: number;
  readonly questions: readonly QuestionResult[];
}

/** The progress of a run. */
export interface Progress {
  readonly question: string;
  readonly case: string;
  readonly step: string;
  /** The number of cases that are done, and of all cases. */
  readonly done: number;
  readonly total: number;
}

/** Answers the questions, one case after the other. */
export async function bench(
  questions: readonly Question[],
  effort: Effort,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Results> {
  const start = performance.now();
  const setting = circumstances();
  const total = questions.reduce((sum, { cases }) => sum + cases.length, 0);
  const answers: QuestionResult[] = [];
  let done = 0;
  for (const { name, title, cases, effort: adapt } of questions) {
    const results: CaseResult[] = [];
    for (const asked of cases) {
      const tell = (step: string): void => onProgress({ question: name, case: asked.title, step, done, total });
      results.push(await measure(asked, adapt?.(effort) ?? effort, tell));
      done++;
    }
    answers.push({ name, title, cases: results });
  }
  const seconds = Math.round((performance.now() - start) / 1_000);
  const bun = bunVersion();
  return { circumstances: setting, ...(bun !== undefined && { bun }), effort, seconds, questions: answers };
}
