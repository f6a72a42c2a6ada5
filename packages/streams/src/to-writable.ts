import { Writable } from 'node:stream';
import type { EventManager, FdObject } from '@em/core';
import { Channel } from './channel.js';
import {
  type ByteSink,
  type CloseFunction,
  type MessageSink,
  nodeOptions,
  type StreamOptions,
  toFdObject,
  type WriteFunction,
} from './fd-objects.js';
import { type FdWritable, withKeepAlive } from './keep-alive.js';
import { sinkOf, WriteHalf } from './write-half.js';

/** Options of {@link toWritable}. */
export interface WritableOptions extends StreamOptions {}

/**
 * Makes a `Writable` of Node from an fd object, or from a bare fd and the function that writes to it.
 *
 * It writes at once, and waits only while the kernel has no room. An fd object with `send` gets each chunk as one message.
 *
 * @param fdObject - Has `write` (bytes) or `send` (messages). It is closed with the stream, unless `autoClose` is `false`.
 * @returns A stream whose `'error'` reports what `EventManager.add` and writes throw, such as `EPIPE`; `ERR_EM_CLOSED` if
 * the manager or the fd object is closed first; AbortError.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 */
export function toWritable(
  manager: EventManager,
  fdObject: ByteSink | MessageSink,
  options?: WritableOptions,
): FdWritable;
export function toWritable(
  manager: EventManager,
  fd: number,
  options: WritableOptions & WriteFunction & CloseFunction,
): FdWritable;
export function toWritable(
  manager: EventManager,
  sink: number | FdObject,
  options: WritableOptions & Partial<WriteFunction> & CloseFunction = {},
): FdWritable {
  const fdObject = toFdObject(sink, options);
  const chunks = sinkOf(fdObject);
  const channel = new Channel(manager, fdObject, options, (error) => stream.destroy(error));
  const stream: Writable = new Writable({
    ...nodeOptions(options),
    objectMode: !chunks.isOfBytes,
    construct: (done) => channel.open(done),
    write: (chunk, encoding, done) => half.write(chunk, encoding, done),
    writev: (all, done) => half.writeAll(all, done),
    final: (done) => half.finish(done),
    destroy: (error, done) => channel.close(error, done),
  });
  const half = new WriteHalf(chunks, channel);
  return withKeepAlive(stream, channel);
}
