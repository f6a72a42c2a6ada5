import type { Readable } from 'node:stream';
import { EventSet } from '@em/core';
import type { Channel, Half } from './channel.js';

/** Where chunks come from. */
export interface ChunkSource {
  /** What to wait for. */
  readonly event: EventSet;
  /** Whether a chunk is there without a read. */
  readonly hasChunk: boolean;
  /**
   * The next chunk: `null` at the end, `undefined` if a read would block.
   *
   * @param reads - How many chunks came before it for the same event.
   */
  next(events: EventSet, reads: number): Buffer | null | undefined;
}

/** How much is read for one event, so that other fds get their turn. */
const MAX_READS = 16;
const MAX_BYTES = 1_048_576;

/** The reading half of a stream: reads while the stream wants more, and no longer. */
export class ReadHalf implements Half {
  readonly event: EventSet;
  readonly #stream: Readable;
  readonly #source: ChunkSource;
  readonly #channel: Channel;
  #isWaiting = false;

  constructor(stream: Readable, source: ChunkSource, channel: Channel) {
    this.event = source.event;
    this.#stream = stream;
    this.#source = source;
    this.#channel = channel;
    channel.join(this);
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** The stream wants more: `_read` of Node's Readable. */
  start(): void {
    this.#isWaiting = true;
    while (this.#isWaiting && this.#source.hasChunk) {
      this.#push(this.#source.next(EventSet.EMPTY, 0));
    }
    if (this.#isWaiting) {
      this.#channel.want(this.event);
    }
  }

  onReady(events: EventSet): void {
    let bytes = 0;
    for (let reads = 0; this.#isWaiting && reads < MAX_READS && bytes < MAX_BYTES; reads++) {
      try {
        const chunk = this.#source.next(events, reads);
        if (chunk === undefined) {
          return;
        }
        bytes += chunk?.length ?? 0;
        this.#push(chunk);
      } catch (error) {
        this.#isWaiting = false;
        this.#stream.destroy(error as Error);
      }
    }
  }

  #push(chunk: Buffer | null | undefined): void {
    // In `push` the stream may ask for more already.
    this.#isWaiting = false;
    if (chunk !== undefined && this.#stream.push(chunk) && chunk !== null && !this.#stream.destroyed) {
      this.#isWaiting = true;
    }
  }
}
