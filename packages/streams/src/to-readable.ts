import { Readable } from 'node:stream';
import type { EventManager, FdObject } from '@em/core';
import { Channel } from './channel.js';
import { type ChunkOptions, chunksOf } from './chunks.js';
import {
  type ByteSource,
  type CloseFunction,
  type MessageSource,
  nodeOptions,
  type ReadFunction,
  type StreamOptions,
  toFdObject,
} from './fd-objects.js';
import { type FdReadable, withKeepAlive } from './keep-alive.js';
import { ReadHalf } from './read-half.js';

/** Options of {@link toReadable}. */
export interface ReadableOptions extends StreamOptions, ChunkOptions {}

/**
 * Makes a `Readable` of Node from an fd object, or from a bare fd and the function that reads it.
 *
 * It reads only while the stream wants more; meanwhile the fd is not watched, and costs nothing even after a hang-up. It
 * makes progress while the manager is driven by `run()`.
 *
 * Messages and records come as a stream of objects, one Buffer each; an empty message is an empty Buffer. The end of a
 * terminal, which the kernel reports as `EIO`, is the end of the stream.
 *
 * @param fdObject - Has `read` (bytes) or `receive` (messages). It is closed with the stream, unless `autoClose` is `false`.
 * @returns A stream whose `'error'` reports what `EventManager.add` and reads throw; `ERR_EM_CLOSED` if the manager or the
 * fd object is closed first; `ERR_EM_PARTIAL_RECORD` if the input ends within a record; AbortError.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 *
 * @example Compress what comes through a FIFO
 * ```ts
 * const fifo = PipeReader.adopt(open('/run/app/log'));
 * void manager.run();
 * await pipeline(toReadable(manager, fifo), createGzip(), createWriteStream('log.gz'));
 * ```
 */
export function toReadable(
  manager: EventManager,
  fdObject: ByteSource | MessageSource,
  options?: ReadableOptions,
): FdReadable;
export function toReadable(
  manager: EventManager,
  fd: number,
  options: ReadableOptions & ReadFunction & CloseFunction,
): FdReadable;
export function toReadable(
  manager: EventManager,
  source: number | FdObject,
  options: ReadableOptions & Partial<ReadFunction> & CloseFunction = {},
): FdReadable {
  const fdObject = toFdObject(source, options);
  const chunks = chunksOf(fdObject, options);
  const channel = new Channel(manager, fdObject, options, (error) => stream.destroy(error));
  const stream: Readable = new Readable({
    ...nodeOptions(options),
    objectMode: !chunks.isOfBytes,
    construct: (done) => channel.open(done),
    read: () => half.start(),
    destroy: (error, done) => channel.close(error, done),
  });
  const half = new ReadHalf(stream, chunks, channel);
  return withKeepAlive(stream, channel);
}
