import { readFileSync } from 'node:fs';
import type { ServerProcess } from './server-process.js';
import { until } from './server-process.js';

/** `sysconf(_SC_CLK_TCK)`: the unit of /proc/<pid>/stat, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Enough turns of an idle loop for a tick or two to be nothing. */
const TURNS = 10;

/**
 * What share of one CPU a server takes while its loop falls asleep ten times, or, if it does not sleep, within the two
 * seconds in which it should have.
 */
export async function cpuShare({ pid }: ServerProcess): Promise<number> {
  const start = performance.now();
  const sleepsBefore = sleeps(pid);
  const ticksBefore = cpuTicks(pid);
  await until(
    'it has slept, or had the time',
    () => sleeps(pid) >= sleepsBefore + TURNS || performance.now() > start + 2000,
  );
  const seconds = (performance.now() - start) / 1000;
  return (cpuTicks(pid) - ticksBefore) / TICKS_PER_SECOND / seconds;
}

/** How often the main thread has gone to sleep of its own accord. */
function sleeps(pid: number): number {
  const [, count] = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(count);
}

/** User and system time of all threads; fields 14 and 15 of proc_pid_stat(5), the second being in parentheses. */
function cpuTicks(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
