import { fs } from '../builtins.js';
import { Count, type Counts } from '../counters.js';
import type { OpenSocket } from '../sockets/open-all.js';

/** The tables of all UDP sockets of the network namespace. Fields 9 and 12 of a line are the inode and the drops. */
const TABLES = ['/proc/self/net/udp', '/proc/self/net/udp6'];
const INODE = 9;
const DROPS = 12;

/** Adds the datagrams to these counts that the kernel dropped because a UDP socket was full. */
export function withKernelDrops(counts: Counts, places: readonly OpenSocket[]): Counts {
  const inodes = new Set(places.flatMap(({ sockets }) => sockets.flatMap(inodeOf)));
  if (inodes.size === 0) {
    return counts;
  }
  let drops = 0;
  return {
    get(count) {
      if (count !== Count.KERNEL_DROPS) {
        return counts.get(count);
      }
      try {
        drops = dropsOf(inodes);
      } catch {
        // No more files can be opened. The last number is at most too small.
      }
      return drops;
    },
  };
}

function inodeOf({ transport, socket }: OpenSocket['sockets'][number]): string[] {
  return transport === 'udp' ? [String(fs.fstatSync(socket.fd).ino)] : [];
}

function dropsOf(inodes: ReadonlySet<string | undefined>): number {
  const lines = TABLES.flatMap((table) => fs.readFileSync(table, 'utf8').split('\n'));
  const own = lines.map((line) => line.trim().split(/\s+/)).filter((fields) => inodes.has(fields[INODE]));
  return own.reduce((sum, fields) => sum + Number(fields[DROPS]), 0);
}
