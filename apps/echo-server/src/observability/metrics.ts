import type { EventEmitter } from 'node:events';
import type { EventManager } from '@em/core';
import { fs } from '../builtins.js';
import type { Log } from '../context.js';
import { Count, type Counts } from '../counters.js';
import type { OpenSocket } from '../sockets/open-all.js';

/** How a count is published. */
interface Metric {
  readonly count: Count;
  /** Its name in the log. */
  readonly key: string;
  /** Its name for Prometheus. */
  readonly name: string;
  readonly help: string;
}

/** Every count. The names of those that only grow end in `_total`. */
export const METRICS: readonly Metric[] = [
  {
    count: Count.CONNECTIONS,
    key: 'connections',
    name: 'em_echo_connections',
    help: 'Open connections.',
  },
  {
    count: Count.ACCEPTED,
    key: 'accepted',
    name: 'em_echo_connections_accepted_total',
    help: 'Accepted connections.',
  },
  {
    count: Count.IDLE_CLOSED,
    key: 'idleClosed',
    name: 'em_echo_connections_idle_total',
    help: 'Connections closed because nothing happened on them.',
  },
  {
    count: Count.FAILED,
    key: 'failed',
    name: 'em_echo_connections_failed_total',
    help: 'Connections ended by an error, except errors by which clients usually leave.',
  },
  {
    count: Count.CUT_OFF,
    key: 'cutOff',
    name: 'em_echo_connections_cut_off_total',
    help: 'Connections ended by the server before the client had received everything, or while it sent more.',
  },
  {
    count: Count.ACCEPT_PAUSES,
    key: 'acceptPauses',
    name: 'em_echo_accept_pauses_total',
    help: 'How often the server stopped accepting clients.',
  },
  {
    count: Count.BYTES_RECEIVED,
    key: 'bytesReceived',
    name: 'em_echo_received_bytes_total',
    help: 'Received bytes.',
  },
  {
    count: Count.BYTES_SENT,
    key: 'bytesSent',
    name: 'em_echo_sent_bytes_total',
    help: 'Sent bytes.',
  },
  {
    count: Count.BUFFERED_BYTES,
    key: 'bufferedBytes',
    name: 'em_echo_buffered_bytes',
    help: 'Memory for bytes that clients have not received yet.',
  },
  {
    count: Count.DATAGRAMS_RECEIVED,
    key: 'datagramsReceived',
    name: 'em_echo_datagrams_received_total',
    help: 'Received datagrams.',
  },
  {
    count: Count.DATAGRAMS_SENT,
    key: 'datagramsSent',
    name: 'em_echo_datagrams_sent_total',
    help: 'Sent datagrams.',
  },
  {
    count: Count.DATAGRAMS_DROPPED,
    key: 'datagramsDropped',
    name: 'em_echo_datagrams_dropped_total',
    help: 'Datagrams that were not or could not be answered.',
  },
  {
    count: Count.KERNEL_DROPS,
    key: 'kernelDrops',
    name: 'em_echo_datagrams_kernel_dropped_total',
    help: 'Datagrams over UDP that the kernel dropped because the server was too slow.',
  },
  {
    count: Count.WORKER_FAILURES,
    key: 'workerFailures',
    name: 'em_echo_worker_failures_total',
    help: 'Failed workers, which were replaced.',
  },
];

/** Returns the counts as details for the log. */
export function statistics(counts: Counts): Readonly<Record<string, number>> {
  return Object.fromEntries(METRICS.map(({ key, count }) => [key, counts.get(count)]));
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
    ...METRICS.map(({ name, help, count }) => metricText(name, help, counts.get(count))),
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
