import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4_096;

/** How long a process has run on the CPUs, all its threads together, in nanoseconds. */
export function cpuNsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const [onCpu] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(onCpu);
  }, 0);
}

/** How much memory of its own a process has, in bytes: what is resident and not mapped from a file. */
export function memoryOf(pid: number): number {
  const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(resident) - Number(shared)) * PAGE_BYTES;
}
