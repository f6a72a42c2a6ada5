/** The measurable costs of one operation. Less is better. */
export const METRICS = {
  wallNs: { title: 'time', unit: 'ns' },
  cpuNs: { title: 'CPU time', unit: 'ns' },
  p50Ns: { title: 'median latency', unit: 'ns' },
  p99Ns: { title: '99 % latency', unit: 'ns' },
  p999Ns: { title: '99.9 % latency', unit: 'ns' },
  programNs: { title: 'time after npm', unit: 'ns' },
  bytes: { title: 'memory', unit: 'bytes' },
  diskBytes: { title: 'size', unit: 'bytes' },
  busiestPart: { title: 'connections of the busier thread', unit: '%' },
} as const;

export type Metric = keyof typeof METRICS;

/** The costs per operation in one round. */
export type Figures = Readonly<Partial<Record<Metric, number>>>;

/** Converts the figures of a round to figures per operation. */
export function perOperation(total: Figures, operations: number): Figures {
  return Object.fromEntries(Object.entries(total).map(([metric, value]) => [metric, value / operations]));
}

/** Something whose cost is measured. */
export interface Contestant {
  readonly name: string;

  /**
   * Prepares for the first round.
   *
   * @throws CannotRun if it is missing on this machine.
   */
  start(effort: Effort): Promise<Running>;
}

/** A contestant between its start and its end. */
export interface Running {
  round(operations: number): Promise<Figures>;
  stop(): Promise<void>;
}

/** Thrown by a contestant that has no figures. Its row shows the message. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** The duration of a measurement. */
export interface Effort {
  readonly rounds: number;
  /** The approximate duration of a round. 0 for a single operation, without a warm-up. */
  readonly roundMs: number;
  /** The time that each contestant runs before the first round. */
  readonly warmUpMs: number;
  /** The part of the full number of connections and fds, where a round has many. Defaults to 1: all of them. */
  readonly scale?: number;
}

/** A claim to prove: `of` costs at most a multiple of the cost of `to`, or reaches at least a multiple of its speed. */
export interface Target {
  readonly claim: string;
  readonly metric: Metric;
  readonly of: string;
  /** Without it, the bound is a cost. */
  readonly to?: string;
  readonly bound: { readonly atMost: number } | { readonly rateAtLeast: number };
}

/** Contestants that are measured in turns. */
export interface Case {
  readonly title: string;
  /** The name of one operation: `wait`. */
  readonly operation: string;
  /** The costs to show, the most important one first. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** The others are compared with the first. */
  readonly contestants: readonly Contestant[];
  readonly targets?: readonly Target[];
}

/** A question about performance, with its cases. */
export interface Question {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly cases: readonly Case[];
  /** Adapts the duration, for a question whose operations take long. */
  readonly effort?: (asked: Effort) => Effort;
}
