import { Buffer } from 'node:buffer';
import process from 'node:process';
import { isUint8Array } from 'node:util/types';
import { EventSet, type FdObject } from '@em/core';
import { invalidType } from '@em/core/check';
import type { Channel, Half } from './channel.js';
import { type ByteSink, carriesBytes, type MessageSink } from './fd-objects.js';

/** A chunk as Node hands it over. */
interface Written {
  readonly chunk: unknown;
  readonly encoding: BufferEncoding;
}

type Done = (error?: Error | null) => void;

const NO_CHUNKS: readonly Uint8Array[] = [];

/** Where chunks go. */
export interface ChunkSink {
  readonly isOfBytes: boolean;
  /**
   * Writes chunks from an index on, the first of them from an offset on.
   *
   * @returns The number of bytes that are done with, `undefined` if it would block.
   */
  write(chunks: readonly Uint8Array[], index: number, offset: number): number | undefined;
  /** Says that nothing more comes. */
  finish(): void;
}

/** Larger chunks are written by themselves: to copy them costs more than a system call. */
const SMALL_BYTES = 16_384;
const GATHERED_BYTES = 65_536;

/** How an fd object writes: bytes, which can be gathered, or messages, each of which is a chunk. */
export function sinkOf(fdObject: FdObject): ChunkSink {
  if (carriesBytes(fdObject, 'write', 'send')) {
    const sink = fdObject as ByteSink;
    return {
      isOfBytes: true,
      write: (chunks, index, offset) => writeBytes(sink, chunks, index, offset),
      finish: () => sink.shutdownWrite?.(),
    };
  }
  const sink = fdObject as MessageSink;
  return {
    isOfBytes: false,
    write: (chunks, index) => {
      const chunk = chunks[index] as Uint8Array;
      return sink.send(chunk) === undefined ? undefined : chunk.length;
    },
    finish: () => sink.shutdownWrite?.(),
  };
}

/**
 * The writing half of a stream: writes at once, and waits only if the kernel has no room.
 *
 * The callback of a small write waits for the next tick. Node collects the chunks that come meanwhile, and hands them over
 * together. So a burst of small chunks takes two system calls instead of one per chunk.
 */
export class WriteHalf implements Half {
  readonly event: EventSet = EventSet.OUT;
  readonly #sink: ChunkSink;
  readonly #channel: Channel;
  readonly #onTick = (): void => this.#end();
  /** What is still to be written: the chunks from an index on, the first of them from an offset on. */
  #chunks: readonly Uint8Array[] = NO_CHUNKS;
  #index = 0;
  #offset = 0;
  #done: Done | undefined;

  constructor(sink: ChunkSink, channel: Channel) {
    this.#sink = sink;
    this.#channel = channel;
    channel.join(this);
  }

  get isWaiting(): boolean {
    return this.#index < this.#chunks.length;
  }

  /** `_write` of Node's Writable. */
  write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    this.#start([{ chunk, encoding }], done, this.#sink.isOfBytes);
  }

  /** `_writev` of Node's Writable. */
  writeAll(chunks: readonly Written[], done: Done): void {
    this.#start(chunks, done, false);
  }

  /** `_final` of Node's Writable. */
  finish(done: Done): void {
    try {
      this.#sink.finish();
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  onReady(): void {
    this.#write();
    if (!this.isWaiting) {
      this.#end();
    }
  }

  /** Has the callback of an unfinished write called: a Writable that is destroyed calls only those of later writes. */
  onClose(reason: Error | null): void {
    const done = this.#done;
    const error = this.isWaiting ? (reason ?? destroyed()) : null;
    this.#done = undefined;
    this.#chunks = NO_CHUNKS;
    if (done !== undefined) {
      // After 'close', since the error would become that of the stream.
      process.nextTick(done, error);
    }
  }

  #start(written: readonly Written[], done: Done, endsLater: boolean): void {
    let chunks: readonly Uint8Array[];
    try {
      chunks = written.map(toBytes);
    } catch (error) {
      done(error as Error);
      return;
    }
    this.#chunks = chunks;
    this.#index = this.#offset = 0;
    this.#done = done;
    this.#write();
    if (this.isWaiting) {
      return;
    }
    if (endsLater && (chunks[0] as Uint8Array).length <= SMALL_BYTES) {
      process.nextTick(this.#onTick);
    } else {
      this.#end();
    }
  }

  #write(): void {
    try {
      while (this.isWaiting) {
        const written = this.#sink.write(this.#chunks, this.#index, this.#offset);
        if (written === undefined || !this.#advance(written)) {
          this.#channel.want(EventSet.OUT);
          return;
        }
      }
    } catch (error) {
      this.#end(error as Error);
    }
  }

  /** Returns whether whole chunks were written. After a part of one, the kernel usually has no more room. */
  #advance(written: number): boolean {
    let chunk = this.#chunks[this.#index];
    this.#offset += written;
    while (chunk !== undefined && this.#offset >= chunk.length) {
      this.#offset -= chunk.length;
      this.#index++;
      if (this.#offset === 0) {
        return true;
      }
      chunk = this.#chunks[this.#index];
    }
    return chunk === undefined;
  }

  #end(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    this.#chunks = NO_CHUNKS;
    done?.(error);
  }
}

/** In object mode, Node leaves chunks as they were given. */
function toBytes({ chunk, encoding }: Written): Uint8Array {
  if (typeof chunk === 'string') {
    return Buffer.from(chunk, encoding);
  }
  if (!isUint8Array(chunk)) {
    throw invalidType('chunk', 'a string or a Uint8Array', chunk);
  }
  return chunk;
}

/** The error that Node has for later writes. */
function destroyed(): Error {
  const error = new Error('Cannot finish the write: the stream was destroyed');
  return Object.assign(error, { code: 'ERR_STREAM_DESTROYED' });
}

/** Memory in which small chunks are put together. For all streams of this thread: a write leaves nothing in it. */
let scratch: Uint8Array | undefined;

function writeBytes(sink: ByteSink, chunks: readonly Uint8Array[], index: number, offset: number): number | undefined {
  const first = chunks[index] as Uint8Array;
  const second = chunks[index + 1];
  if (second === undefined || first.length > SMALL_BYTES || second.length > SMALL_BYTES) {
    return sink.write(first, offset);
  }
  // A write function of the caller may write to another stream.
  const gathered = scratch ?? Buffer.allocUnsafeSlow(GATHERED_BYTES);
  scratch = undefined;
  try {
    return sink.write(gathered.subarray(0, gather(gathered, chunks, index, offset)), 0);
  } finally {
    scratch = gathered;
  }
}

/** Returns how many bytes of small chunks it has put into the memory. */
function gather(memory: Uint8Array, chunks: readonly Uint8Array[], index: number, offset: number): number {
  memory.set((chunks[index] as Uint8Array).subarray(offset), 0);
  let bytes = (chunks[index] as Uint8Array).length - offset;
  for (let next = index + 1; next < chunks.length; next++) {
    const chunk = chunks[next] as Uint8Array;
    if (chunk.length > SMALL_BYTES || bytes + chunk.length > memory.length) {
      break;
    }
    memory.set(chunk, bytes);
    bytes += chunk.length;
  }
  return bytes;
}
