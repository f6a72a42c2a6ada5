import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4_096;

/** The CPU time of a process, with all its threads, in nanoseconds. */
export function cpuNsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const [onCpu] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(onCpu);
  }, 0);
}

/** The private memory of a process, in bytes: resident, and not mapped from a file. */
export function memoryOf(pid: number): number {
  const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(resident) - Number(shared)) * PAGE_BYTES;
}
