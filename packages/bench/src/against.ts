import { readFileSync } from 'node:fs';
import type { QuestionResult, Results } from './bench.ts';
import type { Row } from './measure.ts';
import { BadUsage } from './options.ts';
import type { Metric } from './question.ts';
import type { Summary } from './statistics.ts';

/** How the cost of a contestant has changed since former results. */
export interface Change {
  readonly case: string;
  readonly contestant: string;
  readonly metric: Metric;
  /** Whether both costs are relative to the first contestant, so that the speed of the machine does not matter. */
  readonly isRatio: boolean;
  readonly former: Summary;
  readonly present: Summary;
  /** The present cost as a multiple of the former one. `low` and `high` come from the quartiles of both. */
  readonly change: Summary;
  /** `same` if the middle halves of the rounds overlap. */
  readonly verdict: 'less' | 'more' | 'same';
}

/** @throws BadUsage if the file cannot be read, or is not a `results.json`. */
export function readResults(path: string): Results {
  try {
    const results = JSON.parse(readFileSync(path, 'utf8')) as Partial<Results>;
    if (Array.isArray(results.questions) && results.circumstances !== undefined) {
      return results as Results;
    }
  } catch (cause) {
    throw new BadUsage(`Cannot read the results in ${path}: ${(cause as Error).message}`, { cause });
  }
  throw new BadUsage(`There are no results in ${path}: it is not a results.json of the bench`);
}

/** Compares each cost that both results have. */
export function compare(present: Results, former: Results): Change[] {
  return present.questions.flatMap((question) => {
    const before = former.questions.find(({ name }) => name === question.name);
    return before === undefined ? [] : compareCases(question, before);
  });
}

function compareCases(present: QuestionResult, former: QuestionResult): Change[] {
  return present.cases.flatMap(({ title, metrics, rows }) => {
    const before = former.cases.find((candidate) => candidate.title === title);
    return rows.flatMap((row) => {
      const formerRow = before?.rows.find(({ contestant }) => contestant === row.contestant);
      return formerRow === undefined ? [] : metrics.flatMap((metric) => compareRows(title, metric, row, formerRow));
    });
  });
}

function compareRows(title: string, metric: Metric, row: Row, formerRow: Row): Change[] {
  const isRatio = row.ratios[metric] !== undefined && formerRow.ratios[metric] !== undefined;
  const of = isRatio ? 'ratios' : 'figures';
  const [present, former] = [row[of][metric], formerRow[of][metric]];
  if (present === undefined || former === undefined) {
    return [];
  }
  const change = {
    median: present.median / former.median,
    low: present.low / former.high,
    high: present.high / former.low,
  };
  return [
    { case: title, contestant: row.contestant, metric, isRatio, former, present, change, verdict: verdictOn(change) },
  ];
}

function verdictOn({ low, high }: Summary): Change['verdict'] {
  if (low > 1) {
    return 'more';
  }
  return high < 1 ? 'less' : 'same';
}
