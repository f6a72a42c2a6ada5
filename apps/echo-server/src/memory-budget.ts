import { Count, type Counters } from './counters.js';

/** How much all connections together keep for clients that do not read. */
export class MemoryBudget {
  readonly #limitBytes: number;
  readonly #counters: Counters;

  constructor(limitBytes: number, counters: Counters) {
    this.#limitBytes = limitBytes;
    this.#counters = counters;
  }

  /** Whether it is used up: no more is to be read than must be. */
  get isTight(): boolean {
    return this.#counters.get(Count.BUFFERED_BYTES) >= this.#limitBytes;
  }

  /** Notes that so many bytes more, or fewer, are kept. */
  change(bytes: number): void {
    this.#counters.add(Count.BUFFERED_BYTES, bytes);
  }
}
