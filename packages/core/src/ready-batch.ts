import { checkInteger } from './check.js';
import type { EventSet } from './event-set.js';

/** Why a `wait` came back. */
export type WaitCause = 'events' | 'timeout' | 'wake' | 'interrupt';

/** How many 32-bit words an entry of a {@link ReadyBatch} takes: events, fd, generation. */
export const WORDS_PER_ENTRY = 3;

/** The kernel's `EP_MAX_EVENTS` where `struct epoll_event` takes 16 bytes, as on arm64: `INT_MAX / 16`. */
const MAX_CAPACITY = 134_217_727;

/**
 * The space in which a poller reports what is ready, made once and used for every wait, so that no object is made per
 * event.
 *
 * ```text
 *   words  │ events │ fd │ generation │ events │ fd │ generation │ …
 *          └──────── entry 0 ─────────┴──────── entry 1 ─────────┘
 * ```
 *
 * On x86-64 that is `struct epoll_event` to the bit, fd and generation being the halves of its `data`: the kernel can
 * write straight into it.
 */
export class ReadyBatch {
  /** How many entries there is room for. */
  readonly capacity: number;

  /** The entries, {@link WORDS_PER_ENTRY} words each. */
  readonly words: Uint32Array;

  /** The memory of {@link ReadyBatch.words}, which takes native code least to look into. */
  readonly buffer: ArrayBuffer;

  /** Why the wait that filled this batch came back; written by the poller. */
  cause: WaitCause = 'timeout';

  /**
   * @param capacity - How many entries to make room for, from 1 to 134,217,727.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if it is no such number.
   */
  constructor(capacity: number) {
    this.capacity = checkInteger('capacity', capacity, 1, MAX_CAPACITY);
    const words = new Uint32Array(capacity * WORDS_PER_ENTRY);
    this.words = words;
    this.buffer = words.buffer;
  }

  /** Writes one entry. A poller that has the words from elsewhere can write {@link ReadyBatch.words} directly. */
  set(index: number, events: EventSet, fd: number, generation: number): void {
    const at = index * WORDS_PER_ENTRY;
    this.words[at] = events;
    this.words[at + 1] = fd;
    this.words[at + 2] = generation;
  }

  /** The events of an entry. */
  events(index: number): EventSet {
    return this.words[index * WORDS_PER_ENTRY] as number;
  }

  /** The fd of an entry. */
  fd(index: number): number {
    return this.words[index * WORDS_PER_ENTRY + 1] as number;
  }

  /** The generation of an entry. */
  generation(index: number): number {
    return this.words[index * WORDS_PER_ENTRY + 2] as number;
  }
}
