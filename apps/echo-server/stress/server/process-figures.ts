import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The files of the fds of a process: `socket:[inode]`, `anon_inode:[eventpoll]` and so on. */
export function filesOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).flatMap((fd) => nameOf(`${directory}/${fd}`));
}

/** Empty if the fd has been closed meanwhile. */
function nameOf(link: string): string[] {
  try {
    return [readlinkSync(link)];
  } catch {
    return [];
  }
}

/** The CPU time of a process, with all its threads, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const [onCpuNs] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(onCpuNs) / 1e6;
  }, 0);
}

/** The resident memory of a process, in bytes: now, and its maximum so far. */
export function memoryOf(pid: number): { readonly residentBytes: number; readonly peakBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { residentBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
}

/** The number of datagrams that the kernel has dropped because the queue of a UDP port was full. */
export function datagramsLostAt(pid: number, port: number): number {
  // The last field is the number of drops: see udp4_format_sock of net/ipv4/udp.c.
  return udpRowsAt(pid, port).reduce((sum, row) => sum + Number(row.at(-1)), 0);
}

/** The memory of the datagrams that wait in the queue of a UDP port. */
export function queuedBytesAt(pid: number, port: number): number {
  // Field 5 is `tx_queue:rx_queue` in hexadecimal.
  return udpRowsAt(pid, port).reduce((sum, row) => sum + Number.parseInt(row[4]?.split(':')[1] ?? '', 16), 0);
}

function udpRowsAt(pid: number, port: number): string[][] {
  const at = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = readFileSync(`/proc/${pid}/net/udp`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  // Field 2 is the local address.
  return rows.filter((row) => row[1]?.endsWith(`:${at}`));
}

/** The limit of open files for a child process. */
export function openFilesLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
}
