import { Buffer } from 'node:buffer';
import { EventSet, type FdObject } from '@em/core';
import { checkInteger } from '@em/core/check';
import { type ByteSource, carriesBytes, type MessageSource } from './fd-objects.js';
import type { ChunkSource } from './read-half.js';

/**
 * Memory for this many bytes is allocated at a time, and one read may fill all of it. V8 collects garbage for every 64 MB
 * that it allocates, so little of it may be wasted.
 */
const POOL_BYTES = 262_144;
/** A smaller rest of the memory is not used: the reads would be too many. */
const MIN_READ_BYTES = 16_384;
const RECORDS_BYTES = 65_536;
const DEFAULT_MESSAGE_BYTES = 65_536;
const MAX_BYTES = 0x7fff_f000;
const ENDED = EventSet.HANG_UP | EventSet.READ_HANG_UP;

/** What of an fd object's input one chunk is. */
export interface ChunkOptions {
  /** Hands out records of exactly this many bytes, one per chunk, as a stream of objects. 1 to 65,536. */
  readonly recordBytes?: number | undefined;
  /** The longest message that is received whole, in bytes; the rest of a longer one is lost. Defaults to 65,536. */
  readonly maxMessageBytes?: number | undefined;
}

/** How an fd object reads: bytes, records, or messages. */
export function chunksOf(fdObject: FdObject, options: ChunkOptions): ChunkSource & { readonly isOfBytes: boolean } {
  const { recordBytes, maxMessageBytes = DEFAULT_MESSAGE_BYTES } = options;
  if (!carriesBytes(fdObject, 'read', 'receive')) {
    return new MessageChunks(
      fdObject as MessageSource,
      checkInteger('options.maxMessageBytes', maxMessageBytes, 1, MAX_BYTES),
    );
  }
  return recordBytes === undefined
    ? new ByteChunks(fdObject as ByteSource)
    : new RecordChunks(fdObject as ByteSource, checkInteger('options.recordBytes', recordBytes, 1, RECORDS_BYTES));
}

/** For all streams of this thread: an idle one needs no memory. What a read has filled is not used again. */
let pool = Buffer.alloc(0);

/** Bytes as they come. */
class ByteChunks implements ChunkSource {
  readonly isOfBytes = true;
  readonly event: EventSet = EventSet.IN;
  readonly hasChunk = false;
  readonly #source: ByteSource;
  #wasShort = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  next(events: EventSet, reads: number): Buffer | null | undefined {
    // What comes after a short read would usually block.
    if (reads > 0 && this.#wasShort) {
      return undefined;
    }
    if (pool.length < MIN_READ_BYTES) {
      pool = Buffer.allocUnsafeSlow(POOL_BYTES);
    }
    const room = pool.length;
    const length = readFrom(this.#source, pool, 0, room, events);
    if (length === undefined || length === null) {
      return length;
    }
    this.#wasShort = length < room;
    const chunk = pool.subarray(0, length);
    pool = pool.subarray(length);
    return chunk;
  }
}

/** Records of a fixed size, one per chunk. */
class RecordChunks implements ChunkSource {
  readonly isOfBytes = false;
  readonly event: EventSet = EventSet.IN;
  readonly #source: ByteSource;
  readonly #recordBytes: number;
  readonly #buffer: Buffer;
  /** How many bytes of the buffer are filled, and how many of those were handed out. */
  #filled = 0;
  #taken = 0;

  constructor(source: ByteSource, recordBytes: number) {
    this.#source = source;
    this.#recordBytes = recordBytes;
    this.#buffer = Buffer.alloc(Math.max(1, Math.floor(RECORDS_BYTES / recordBytes)) * recordBytes);
  }

  get hasChunk(): boolean {
    return this.#filled - this.#taken >= this.#recordBytes;
  }

  next(events: EventSet): Buffer | null | undefined {
    if (!this.hasChunk) {
      this.#buffer.copyWithin(0, this.#taken, this.#filled);
      this.#filled -= this.#taken;
      this.#taken = 0;
      const length = readFrom(this.#source, this.#buffer, this.#filled, this.#buffer.length - this.#filled, events);
      if (length === null && this.#filled > 0) {
        throw partialRecord(this.#filled, this.#recordBytes);
      }
      if (length === undefined || length === null) {
        return length;
      }
      this.#filled += length;
    }
    if (!this.hasChunk) {
      return undefined;
    }
    const start = this.#taken;
    this.#taken += this.#recordBytes;
    return Buffer.from(this.#buffer.subarray(start, this.#taken));
  }
}

/** Whole messages, one per chunk. */
class MessageChunks implements ChunkSource {
  readonly isOfBytes = false;
  // Without READ_HANG_UP, the end of a connection looks like empty messages.
  readonly event: EventSet = EventSet.union(EventSet.IN, EventSet.READ_HANG_UP);
  readonly hasChunk = false;
  readonly #source: MessageSource;
  readonly #buffer: Buffer;

  constructor(source: MessageSource, maxMessageBytes: number) {
    this.#source = source;
    this.#buffer = Buffer.alloc(maxMessageBytes);
  }

  next(events: EventSet): Buffer | null | undefined {
    const length = this.#source.receive(this.#buffer);
    if (length === undefined) {
      return undefined;
    }
    return length === 0 && (events & ENDED) !== 0 ? null : Buffer.from(this.#buffer.subarray(0, length));
  }
}

/** @returns How many bytes; `null` at the end. */
function readFrom(
  source: ByteSource,
  buffer: Buffer,
  offset: number,
  length: number,
  events: EventSet,
): number | null | undefined {
  try {
    const count = source.read(buffer, offset, length);
    return count === 0 ? null : count;
  } catch (error) {
    const code = codeOf(error);
    // A terminal whose other side is closed.
    if (code === 'EIO' && (events & EventSet.HANG_UP) !== 0) {
      return null;
    }
    // /dev/kmsg has overwritten what was not read yet, and goes on.
    if (code === 'EPIPE') {
      return undefined;
    }
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function partialRecord(bytes: number, recordBytes: number): Error {
  const error = new Error(`The stream ended within a record: ${bytes} of ${recordBytes} bytes`);
  return Object.assign(error, { code: 'ERR_EM_PARTIAL_RECORD' });
}
