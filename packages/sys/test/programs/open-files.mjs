import { readdirSync, readlinkSync } from 'node:fs';

/**
 * Counts the open files that have no path: sockets, pipes, eventfds. Threads of the runtime open files with a path for
 * a moment at any time, such as the list of the CPUs.
 */
export function countPathlessFiles() {
  return readdirSync('/proc/self/fd').filter((fd) => !targetOf(fd).startsWith('/')).length;
}

function targetOf(fd) {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '/'; // This was the folder that is being read.
  }
}
