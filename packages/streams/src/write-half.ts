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

/** Where chunks go. */
export interface ChunkSink {
  /** Writes bytes from an offset on. Returns how many are done with, `undefined` if it would block. */
  write(chunk: Uint8Array, offset: number): number | undefined;
  /** Puts chunks together where that saves calls. */
  gather(chunks: readonly Uint8Array[]): readonly Uint8Array[];
  /** Says that nothing more comes. */
  finish(): void;
}

/** Larger chunks are written by themselves: to copy them costs more than a system call. */
const SMALL_BYTES = 16_384;
const GATHERED_BYTES = 65_536;

/** How an fd object writes: bytes, which can be gathered, or messages, each of which is a chunk. */
export function sinkOf(fdObject: FdObject): ChunkSink & { readonly isOfBytes: boolean } {
  if (carriesBytes(fdObject, 'write', 'send')) {
    const sink = fdObject as ByteSink;
    return {
      isOfBytes: true,
      write: (chunk, offset) => sink.write(chunk, offset),
      gather,
      finish: () => sink.shutdownWrite?.(),
    };
  }
  const sink = fdObject as MessageSink;
  return {
    isOfBytes: false,
    write: (chunk) => sink.send(chunk),
    gather: (chunks) => chunks,
    finish: () => sink.shutdownWrite?.(),
  };
}

/** The writing half of a stream: writes at once, and waits only if the kernel has no room. */
export class WriteHalf implements Half {
  readonly event: EventSet = EventSet.OUT;
  readonly #sink: ChunkSink;
  readonly #channel: Channel;
  #chunks: readonly Uint8Array[] = [];
  #index = 0;
  #offset = 0;
  #done: Done | undefined;

  constructor(sink: ChunkSink, channel: Channel) {
    this.#sink = sink;
    this.#channel = channel;
    channel.join(this);
  }

  get isWaiting(): boolean {
    return this.#done !== undefined;
  }

  /** `_write` of Node's Writable. */
  write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    this.#start([{ chunk, encoding }], done);
  }

  /** `_writev` of Node's Writable. */
  writeAll(chunks: readonly Written[], done: Done): void {
    this.#start(chunks, done);
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
    this.#go();
  }

  /** Has the callback of an unfinished write called: a Writable that is destroyed calls only those of later writes. */
  onClose(reason: Error | null): void {
    const done = this.#done;
    this.#done = undefined;
    this.#chunks = [];
    if (done !== undefined) {
      // After 'close', since the error would become that of the stream.
      process.nextTick(done, reason ?? destroyed());
    }
  }

  #start(written: readonly Written[], done: Done): void {
    try {
      const chunks = written.map(toBytes);
      this.#chunks = chunks.length > 1 ? this.#sink.gather(chunks) : chunks;
    } catch (error) {
      done(error as Error);
      return;
    }
    this.#index = this.#offset = 0;
    this.#done = done;
    this.#go();
  }

  #go(): void {
    try {
      for (let chunk = this.#chunks[this.#index]; chunk !== undefined; chunk = this.#chunks[this.#index]) {
        const written = this.#sink.write(chunk, this.#offset);
        if (written === undefined) {
          this.#channel.want(EventSet.OUT);
          return;
        }
        this.#offset += written;
        if (this.#offset >= chunk.length) {
          this.#index++;
          this.#offset = 0;
        }
      }
      this.#end();
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #end(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    this.#chunks = [];
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

function gather(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const gathered: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (small.length > 0) {
      gathered.push(small.length === 1 ? (small[0] as Uint8Array) : Buffer.concat(small, bytes));
    }
    small = [];
    bytes = 0;
  };
  for (const chunk of chunks) {
    if (chunk.length > SMALL_BYTES) {
      flush();
      gathered.push(chunk);
    } else {
      if (bytes + chunk.length > GATHERED_BYTES) {
        flush();
      }
      small.push(chunk);
      bytes += chunk.length;
    }
  }
  flush();
  return gathered;
}
