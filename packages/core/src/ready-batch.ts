import { checkInteger } from './check.js';
import type { EventSet } from './event-set.js';

/** Why a `wait` returned. */
export type WaitCause = 'events' | 'timeout' | 'wake' | 'interrupt';

/** How many 32-bit words an entry of a {@link ReadyBatch} has: events, fd, generation. */
export const WORDS_PER_ENTRY = 3;

/** The kernel's `EP_MAX_EVENTS` where `struct epoll_event` has 16 bytes, as on arm64: `INT_MAX / 16`. */
const MAX_CAPACITY = 134_217_727;

/**
 * The entries in which a poller reports what is ready. A manager makes one batch and uses it for every wait, so that no
 * object is made per event.
 */
export class ReadyBatch {
  /** The maximum number of entries. */
  readonly capacity: number;

  /**
   * The entries in memory, for native code. Three 32-bit words per entry, in the byte order of the machine:
   *
   * ```text
   *   │ events │ fd │ generation │ events │ fd │ generation │ …
   *   └──────── entry 0 ─────────┴──────── entry 1 ─────────┘
   * ```
   *
   * On x86-64 an entry has the layout of `struct epoll_event`, with fd and generation as the halves of its `data`: the
   * kernel can write straight into the buffer.
   */
  readonly buffer: ArrayBuffer;

  /** Why the wait that filled this batch returned. The poller sets it. */
  cause: WaitCause = 'timeout';

  readonly #words: Uint32Array;

  /**
   * @param capacity - The maximum number of entries, from 1 to 134,217,727.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is not such a number.
   */
  constructor(capacity: number) {
    this.capacity = checkInteger('capacity', capacity, 1, MAX_CAPACITY);
    const words = new Uint32Array(capacity * WORDS_PER_ENTRY);
    this.#words = words;
    this.buffer = words.buffer;
  }

  /** Writes one entry. */
  set(index: number, fd: number, events: EventSet, generation: number): void {
    const at = index * WORDS_PER_ENTRY;
    this.#words[at] = events;
    this.#words[at + 1] = fd;
    this.#words[at + 2] = generation;
  }

  /** The fd of an entry. */
  fd(index: number): number {
    return this.#words[index * WORDS_PER_ENTRY + 1] as number;
  }

  /** The events of an entry. */
  events(index: number): EventSet {
    return this.#words[index * WORDS_PER_ENTRY] as number;
  }

  /** The generation of an entry. */
  generation(index: number): number {
    return this.#words[index * WORDS_PER_ENTRY + 2] as number;
  }
}
