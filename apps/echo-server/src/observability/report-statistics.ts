import type { Counts } from '../counters.js';
import type { Cancel, Log, Timers } from '../ports.js';
import { statistics } from './metrics.js';

/** The part of `process` that is used here. */
export interface StatisticsSignal {
  on(name: 'SIGUSR2', listener: () => void): unknown;
  off(name: 'SIGUSR2', listener: () => void): unknown;
}

/** Logs the counts on SIGUSR2, and periodically unless `everyMs` is `Infinity`. */
export function reportStatistics(
  counts: Counts,
  log: Log,
  process: StatisticsSignal,
  timers: Timers,
  everyMs: number,
): Cancel {
  const report = (): void => log.info('statistics', statistics(counts));
  process.on('SIGUSR2', report);
  const stop = everyMs === Number.POSITIVE_INFINITY ? undefined : timers.every(everyMs, report);
  return () => {
    process.off('SIGUSR2', report);
    stop?.();
  };
}
