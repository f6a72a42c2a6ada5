/** The index of each count. */
export const Count = {
  CONNECTIONS: 0,
  ACCEPTED: 1,
  BYTES_RECEIVED: 2,
  BYTES_SENT: 3,
  BUFFERED_BYTES: 4,
  IDLE_CLOSED: 5,
  FAILED: 6,
  ACCEPT_PAUSES: 7,
  DATAGRAMS_RECEIVED: 8,
  DATAGRAMS_SENT: 9,
  DATAGRAMS_DROPPED: 10,
  WORKER_FAILURES: 11,
  CUT_OFF: 12,
  /** Counted by the kernel. */
  KERNEL_DROPS: 13,
} as const;

/** An index of {@link Count}. */
export type Count = (typeof Count)[keyof typeof Count];

const PLACES = Object.keys(Count).length;

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
  static readonly BYTES: number = PLACES * Float64Array.BYTES_PER_ELEMENT;

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
