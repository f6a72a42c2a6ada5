/** The measurable costs of one operation: less is better. */
export const METRICS = {
  wallNs: { title: 'time', unit: 'ns' },
  cpuNs: { title: 'CPU time', unit: 'ns' },
  programNs: { title: 'time after npm', unit: 'ns' },
  bytes: { title: 'memory', unit: 'bytes' },
  diskBytes: { title: 'size', unit: 'bytes' },
} as const;

export type Metric = keyof typeof METRICS;

/** What one round showed, an operation. */
export type Figures = Readonly<Partial<Record<Metric, number>>>;

/** Figures of a whole round as figures of one operation. */
export function perOperation(total: Figures, operations: number): Figures {
  return Object.fromEntries(Object.entries(total).map(([metric, value]) => [metric, value / operations]));
}

/** Something whose cost is asked for. */
export interface Contestant {
  readonly name: string;

  /**
   * Gets ready for the first round.
   *
   * @throws CannotRun if it is missing on this machine.
   */
  start(): Promise<Running>;
}

/** A contestant between its start and its end. */
export interface Running {
  round(operations: number): Promise<Figures>;
  stop(): Promise<void>;
}

/** Why a contestant has no figures. Shown in its row. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** How long a round is to take, roughly. 0 for a single operation, without a warm-up. */
  readonly roundMs: number;
  /** For how long each contestant runs before the first round. */
  readonly warmUpMs: number;
}

/** A claim to prove: `of` costs at most a multiple of the cost of `to`, or reaches at least a multiple of its speed. */
export interface Target {
  readonly claim: string;
  readonly metric: Metric;
  readonly of: string;
  /** Where it is left out, the bound is what may be spent. */
  readonly to?: string;
  readonly bound: { readonly atMost: number } | { readonly rateAtLeast: number };
}

/** Contestants that are measured in turns. */
export interface Case {
  readonly title: string;
  /** The name of one operation: `wait`. */
  readonly operation: string;
  /** What is shown of it; the one that counts first. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** The first is what the others are compared with. */
  readonly contestants: readonly Contestant[];
  readonly targets?: readonly Target[];
}

/** One thing one would like to know, in one or more cases. */
export interface Question {
  /** The word by which it is asked for on the command line. */
  readonly name: string;
  readonly title: string;
  readonly cases: readonly Case[];
  /** What it makes of the effort that is asked for, where operations take long. */
  readonly effort?: (asked: Effort) => Effort;
}
