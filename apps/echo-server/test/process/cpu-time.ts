import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { ServerProcess } from './server-process.js';

/** `sysconf(_SC_CLK_TCK)`: the unit of /proc/<pid>/stat, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Long enough for a tick or two to be nothing. */
const MEASURED_MS = 1000;

/** What share of one CPU a server takes. */
export async function cpuShare({ pid }: ServerProcess): Promise<number> {
  const start = performance.now();
  const ticksBefore = cpuTicks(pid);
  await setTimeout(MEASURED_MS);
  const seconds = (performance.now() - start) / 1000;
  return (cpuTicks(pid) - ticksBefore) / TICKS_PER_SECOND / seconds;
}

/** User and system time of all threads; fields 14 and 15 of proc_pid_stat(5), the second being in parentheses. */
function cpuTicks(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
