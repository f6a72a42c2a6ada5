import type { EventEmitter } from 'node:events';
import type { EventManager } from '@em/core';
import { fs } from '../builtins.js';
import type { Log } from '../context.js';
import { Count, type Counts, METRICS } from '../counters.js';
import type { OpenSocket } from '../sockets/open-all.js';

/** Returns the counts as details for the log. */
export function statistics(counts: Counts): Readonly<Record<string, number>> {
  return Object.fromEntries(METRICS.map(({ count }) => [count, counts.get(Count[count])]));
}

/**
 * Returns the counts in the text format of Prometheus, with the metrics of the process that dashboards expect.
 *
 * @see {@link https://prometheus.io/docs/instrumenting/exposition_formats/ | Exposition formats}
 */
export function prometheusText(counts: Counts): string {
  const { user, system } = process.cpuUsage();
  const residentBytes = readResidentBytes();
  return [
    ...METRICS.map(({ name, help, count }) => metricText(name, help, counts.get(Count[count]))),
    metricText('process_cpu_seconds_total', 'User and system CPU time.', (user + system) / 1e6),
    residentBytes === undefined ? '' : metricText('process_resident_memory_bytes', 'Resident memory.', residentBytes),
    metricText('process_start_time_seconds', 'Start time of the process, in Unix time.', performance.timeOrigin / 1000),
  ].join('');
}

/** Returns `undefined` if no more files can be opened. */
function readResidentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}

function metricText(name: string, help: string, value: number): string {
  const type = name.endsWith('_total') ? 'counter' : 'gauge';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}

/** Logs the counts on SIGUSR2, and periodically unless `everyMs` is `Infinity`. */
export function reportStatistics(
  counts: Counts,
  log: Log,
  process: Pick<EventEmitter, 'on'>,
  manager: EventManager,
  everyMs: number,
): void {
  const report = (): void => log.info('statistics', statistics(counts));
  process.on('SIGUSR2', report);
  if (everyMs !== Number.POSITIVE_INFINITY) {
    manager.every(everyMs, report);
  }
}

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
      if (count !== Count.kernelDrops) {
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
