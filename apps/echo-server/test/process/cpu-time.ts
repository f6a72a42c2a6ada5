import { setTimeout } from 'node:timers/promises';
import { cpuMsOf } from '../../stress/server/process-figures.js';
import type { ServerProcess } from './server-process.js';

const MEASURED_MS = 1000;

/** The share of one CPU that a server uses. */
export async function cpuShare({ pid }: ServerProcess): Promise<number> {
  const start = performance.now();
  const before = cpuMsOf(pid);
  await setTimeout(MEASURED_MS);
  return (cpuMsOf(pid) - before) / (performance.now() - start);
}
