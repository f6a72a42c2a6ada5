import { Count, type Counts } from '../counters.js';

/** A count as it is told of. */
interface Metric {
  readonly count: Count;
  /** In the log. */
  readonly key: string;
  /** For Prometheus. */
  readonly name: string;
  readonly help: string;
}

/** Every count; what only grows has a name that ends in `_total`. */
export const METRICS: readonly Metric[] = [
  {
    count: Count.CONNECTIONS,
    key: 'connections',
    name: 'em_echo_connections',
    help: 'Connections that are open.',
  },
  {
    count: Count.ACCEPTED,
    key: 'accepted',
    name: 'em_echo_connections_accepted_total',
    help: 'Connections accepted.',
  },
  {
    count: Count.IDLE_CLOSED,
    key: 'idleClosed',
    name: 'em_echo_connections_idle_total',
    help: 'Connections closed since nothing happened on them.',
  },
  {
    count: Count.FAILED,
    key: 'failed',
    name: 'em_echo_connections_failed_total',
    help: 'Connections ended by an error other than that the client has gone.',
  },
  {
    count: Count.CUT_OFF,
    key: 'cutOff',
    name: 'em_echo_connections_cut_off_total',
    help: 'Connections ended by the server although the client had not got everything, or had more to say.',
  },
  {
    count: Count.ACCEPT_PAUSES,
    key: 'acceptPauses',
    name: 'em_echo_accept_pauses_total',
    help: 'How often new clients had to wait.',
  },
  {
    count: Count.BYTES_RECEIVED,
    key: 'bytesReceived',
    name: 'em_echo_received_bytes_total',
    help: 'Bytes received.',
  },
  {
    count: Count.BYTES_SENT,
    key: 'bytesSent',
    name: 'em_echo_sent_bytes_total',
    help: 'Bytes sent back.',
  },
  {
    count: Count.BUFFERED_BYTES,
    key: 'bufferedBytes',
    name: 'em_echo_buffered_bytes',
    help: 'Memory that is kept for what clients have not taken yet.',
  },
  {
    count: Count.DATAGRAMS_RECEIVED,
    key: 'datagramsReceived',
    name: 'em_echo_datagrams_received_total',
    help: 'Datagrams received.',
  },
  {
    count: Count.DATAGRAMS_SENT,
    key: 'datagramsSent',
    name: 'em_echo_datagrams_sent_total',
    help: 'Datagrams sent back.',
  },
  {
    count: Count.DATAGRAMS_DROPPED,
    key: 'datagramsDropped',
    name: 'em_echo_datagrams_dropped_total',
    help: 'Datagrams that were not, or could not be, answered.',
  },
  {
    count: Count.WORKER_FAILURES,
    key: 'workerFailures',
    name: 'em_echo_worker_failures_total',
    help: 'Workers that failed and were replaced.',
  },
];

/** The counts as details for the log. */
export function statistics(counts: Counts): Readonly<Record<string, number>> {
  return Object.fromEntries(METRICS.map(({ key, count }) => [key, counts.get(count)]));
}

/**
 * The counts in the text format of Prometheus, with those of the process that dashboards expect.
 *
 * @see {@link https://prometheus.io/docs/instrumenting/exposition_formats/ | Exposition formats}
 */
export function prometheusText(counts: Counts): string {
  const { user, system } = process.cpuUsage();
  return [
    ...METRICS.map(({ name, help, count }) => metricText(name, help, counts.get(count))),
    metricText('process_cpu_seconds_total', 'User and system CPU time.', (user + system) / 1e6),
    metricText('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    metricText('process_start_time_seconds', 'When the process started, in Unix time.', performance.timeOrigin / 1000),
  ].join('');
}

function metricText(name: string, help: string, value: number): string {
  const type = name.endsWith('_total') ? 'counter' : 'gauge';
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}
