import { METRICS, type Metric } from './question.ts';
import type { Summary } from './statistics.ts';

const NS_STEPS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;
const BYTE_STEPS = [
  ['MB', 1e6],
  ['kB', 1e3],
  ['B', 1],
] as const;

const STEPS = { ns: NS_STEPS, bytes: BYTE_STEPS, '%': [['%', 1]] } as const;

/** `12.3 µs`, in the unit in which it is at least 1. */
function formatCost(metric: Metric, value: number): string {
  const steps = STEPS[METRICS[metric].unit];
  const [unit, size] = steps.find(([, least]) => Math.abs(value) >= least) ?? steps[steps.length - 1] ?? ['', 1];
  return `${digits(value / size)} ${unit}`;
}

/** `12.3 µs (11.9 to 12.8)`. */
export function formatSummary(metric: Metric, { median, low, high }: Summary): string {
  return `${formatCost(metric, median)} (${formatCost(metric, low)} to ${formatCost(metric, high)})`;
}

/** `1.04`; larger numbers with fewer decimals. */
export function formatRatio(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : digits(ratio);
}

/** `1.04 (1.03 to 1.06)`. */
export function formatRatios({ median, low, high }: Summary): string {
  return `${formatRatio(median)} (${formatRatio(low)} to ${formatRatio(high)})`;
}

/** Three significant digits. */
function digits(value: number): string {
  const whole = Math.trunc(Math.abs(value)).toString().length;
  return value.toFixed(Math.max(0, 3 - whole));
}
