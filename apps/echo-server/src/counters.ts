/**
 * Every count: its name here and in the log, and its name and help for Prometheus. The names of those that only grow end in
 * `_total`.
 */
export const METRICS = [
  { count: 'connections', name: 'em_echo_connections', help: 'Open connections.' },
  { count: 'accepted', name: 'em_echo_connections_accepted_total', help: 'Accepted connections.' },
  {
    count: 'idleClosed',
    name: 'em_echo_connections_idle_total',
    help: 'Connections closed because nothing happened on them.',
  },
  {
    count: 'failed',
    name: 'em_echo_connections_failed_total',
    help: 'Connections ended by an error, except errors by which clients usually leave.',
  },
  {
    count: 'cutOff',
    name: 'em_echo_connections_cut_off_total',
    help: 'Connections ended by the server before the client had received everything, or while it sent more.',
  },
  {
    count: 'acceptPauses',
    name: 'em_echo_accept_pauses_total',
    help: 'How often the server stopped accepting clients.',
  },
  { count: 'bytesReceived', name: 'em_echo_received_bytes_total', help: 'Received bytes.' },
  { count: 'bytesSent', name: 'em_echo_sent_bytes_total', help: 'Sent bytes.' },
  {
    count: 'bufferedBytes',
    name: 'em_echo_buffered_bytes',
    help: 'Memory for bytes that clients have not received yet.',
  },
  {
    count: 'datagramsReceived',
    name: 'em_echo_datagrams_received_total',
    help: 'Received datagrams.',
  },
  { count: 'datagramsSent', name: 'em_echo_datagrams_sent_total', help: 'Sent datagrams.' },
  {
    count: 'datagramsDropped',
    name: 'em_echo_datagrams_dropped_total',
    help: 'Datagrams that were not or could not be answered.',
  },
  {
    count: 'kernelDrops',
    name: 'em_echo_datagrams_kernel_dropped_total',
    help: 'Datagrams over UDP that the kernel dropped because the server was too slow.',
  },
  {
    count: 'workerFailures',
    name: 'em_echo_worker_failures_total',
    help: 'Failed workers, which were replaced.',
  },
] as const;

type Name = (typeof METRICS)[number]['count'];

/** The index of each count. */
export type Count = number;
export const Count = Object.fromEntries(METRICS.map(({ count }, index) => [count, index])) as Readonly<
  Record<Name, number>
>;

/** Counts that can be read. */
export interface Counts {
  get(count: Count): number;
}

/**
 * The counts of one server. Only the thread of the server writes them. Their memory can be shared: another thread can read
 * them at any time, even when the first has ended.
 */
export class Counters implements Counts {
  /** The size of their memory. */
  static readonly BYTES: number = METRICS.length * Float64Array.BYTES_PER_ELEMENT;

  readonly #counts: Float64Array;

  /** @param memory - Has {@link Counters.BYTES}. Defaults to memory that is not shared. */
  constructor(memory: ArrayBufferLike = new ArrayBuffer(Counters.BYTES)) {
    this.#counts = new Float64Array(memory);
  }

  get(count: Count): number {
    return this.#counts[count] ?? 0;
  }

  add(count: Count, amount: number): void {
    this.#counts[count] = (this.#counts[count] ?? 0) + amount;
  }
}
