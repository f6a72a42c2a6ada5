import type { Case, Contestant, Effort, Figures, Metric, Running, Target } from './question.ts';
import { type Summary, summarize } from './statistics.ts';

/** The results of one contestant. */
export interface Row {
  readonly contestant: string;
  /** Why there are no figures. */
  readonly unavailable?: string;
  readonly figures: Readonly<Partial<Record<Metric, Summary>>>;
  /** The cost relative to the first contestant, round by round. */
  readonly ratios: Readonly<Partial<Record<Metric, Summary>>>;
}

/** The result of a target. */
export interface Verdict {
  readonly claim: string;
  readonly metric: Metric;
  readonly bound: Target['bound'];
  readonly isRatio: boolean;
  /** A cost or a speed, like the bound. Absent if one of the contestants did not run. */
  readonly measured?: Summary;
  readonly met?: boolean;
}

export interface CaseResult {
  readonly title: string;
  readonly operation: string;
  readonly metrics: readonly Metric[];
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
}

/** A contestant, and its running process. */
interface Entrant {
  readonly contestant: Contestant;
  readonly samples: Figures[];
  running?: Running;
  operations: number;
  failure?: string;
}

/**
 * Measures the contestants of a case in turns, A B C, B C A, C A B, so that other work of the machine slows down all of
 * them. Ratios are calculated per round.
 */
export async function measure(asked: Case, effort: Effort, onProgress: (what: string) => void): Promise<CaseResult> {
  const { rounds, roundMs, warmUpMs } = effort;
  const entrants = asked.contestants.map((contestant): Entrant => ({ contestant, samples: [], operations: 1 }));
  try {
    for (const entrant of entrants) {
      onProgress(`${entrant.contestant.name} starts`);
      await attempt(entrant, async () => {
        entrant.running = await entrant.contestant.start(effort);
      });
      if (roundMs > 0) {
        await attempt(entrant, () => warmUp(entrant, roundMs, warmUpMs));
      }
    }
    for (let round = 0; round < rounds; round++) {
      onProgress(`round ${round + 1} of ${rounds}`);
      const first = round % entrants.length;
      for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
        await attempt(entrant, async () => {
          const figures = (await entrant.running?.round(entrant.operations)) ?? {};
          const missing = asked.metrics.find((metric) => figures[metric] === undefined);
          if (missing !== undefined) {
            throw new Error(`a round did not report ${missing}`);
          }
          entrant.samples.push(figures);
        });
      }
    }
  } finally {
    for (const { running } of entrants) {
      await running?.stop();
    }
  }
  return {
    title: asked.title,
    operation: asked.operation,
    metrics: asked.metrics,
    rows: entrants.map((entrant) => rowOf(entrant, entrants[0], asked.metrics)),
    verdicts: (asked.targets ?? []).map((target) => verdictOn(target, entrants)),
  };
}

async function attempt(entrant: Entrant, step: () => Promise<void>): Promise<void> {
  if (entrant.failure === undefined) {
    try {
      await step();
    } catch (error) {
      entrant.failure = error instanceof Error ? error.message : String(error);
    }
  }
}

/** Doubles the operations until a round is long enough, warms up, and adapts the number to the fastest round. */
async function warmUp(entrant: Entrant, roundMs: number, warmUpMs: number): Promise<void> {
  const start = performance.now();
  let paceMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const before = performance.now();
    await entrant.running?.round(entrant.operations);
    const now = performance.now();
    const tookMs = now - before;
    if (tookMs < roundMs / 2) {
      entrant.operations *= 2;
      continue;
    }
    paceMs = Math.min(paceMs, tookMs / entrant.operations);
    if (now - start >= warmUpMs) {
      entrant.operations = Math.max(1, Math.round(roundMs / paceMs));
      return;
    }
  }
}

function rowOf(entrant: Entrant, reference: Entrant | undefined, metrics: readonly Metric[]): Row {
  const { contestant, samples, failure } = entrant;
  const row = { contestant: contestant.name, figures: {}, ratios: {} };
  if (failure !== undefined) {
    return { ...row, unavailable: failure };
  }
  const isComparable = reference !== undefined && reference.failure === undefined && reference !== entrant;
  return {
    ...row,
    figures: forEach(metrics, (metric) => samples.map((figures) => costOf(figures, metric))),
    ratios: isComparable ? forEach(metrics, (metric) => ratiosOf(metric, entrant, reference)) : {},
  };
}

function forEach(metrics: readonly Metric[], values: (metric: Metric) => number[]): Row['figures'] {
  return Object.fromEntries(metrics.map((metric) => [metric, summarize(values(metric))]));
}

function verdictOn({ claim, metric, of, to, bound }: Target, entrants: readonly Entrant[]): Verdict {
  const verdict = { claim, metric, bound, isRatio: to !== undefined };
  const one = find(of, entrants);
  const other = to === undefined ? undefined : find(to, entrants);
  if (one.failure !== undefined || other?.failure !== undefined) {
    return verdict;
  }
  const costs =
    other === undefined ? one.samples.map((figures) => costOf(figures, metric)) : ratiosOf(metric, one, other);
  if ('atMost' in bound) {
    const measured = summarize(costs);
    return { ...verdict, measured, met: measured.median <= bound.atMost };
  }
  const measured = summarize(costs.map((cost) => 1 / cost));
  return { ...verdict, measured, met: measured.median >= bound.rateAtLeast };
}

function find(name: string, entrants: readonly Entrant[]): Entrant {
  const entrant = entrants.find(({ contestant }) => contestant.name === name);
  if (entrant === undefined) {
    throw new Error(`There is a target for ${name}, but no such contestant`);
  }
  return entrant;
}

function ratiosOf(metric: Metric, one: Entrant, other: Entrant): number[] {
  return one.samples.map((figures, round) => costOf(figures, metric) / costOf(other.samples[round], metric));
}

function costOf(figures: Figures | undefined, metric: Metric): number {
  return figures?.[metric] ?? Number.NaN;
}
