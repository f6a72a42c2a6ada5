import { Duplex } from 'node:stream';
import type { EventManager, FdObject } from '@em/core';
import { Channel } from './channel.js';
import { type ChunkOptions, chunksOf } from './chunks.js';
import {
  type ByteSink,
  type ByteSource,
  type CloseFunction,
  type MessageSink,
  type MessageSource,
  nodeOptions,
  type ReadFunction,
  type StreamOptions,
  toFdObject,
  type WriteFunction,
} from './fd-objects.js';
import { type FdDuplex, withKeepAlive } from './keep-alive.js';
import { ReadHalf } from './read-half.js';
import { sinkOf, WriteHalf } from './write-half.js';

/** Options of {@link toDuplex}. */
export interface DuplexOptions extends StreamOptions, ChunkOptions {
  /** Whether the stream can still be written to after its input has ended. Defaults to `true`, as in Node's Duplex. */
  readonly allowHalfOpen?: boolean | undefined;
}

/**
 * Makes a `Duplex` of Node from an fd object that reads and writes, or from a bare fd and the functions for it: both
 * {@link toReadable} and {@link toWritable}, with one registration. When the writing side ends, `shutdownWrite()` of the
 * fd object is called, if it has one.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 *
 * @example Talk to a service over a unix socket
 * ```ts
 * const bus = toDuplex(manager, UnixStream.connect({ path: '/run/app/control' }));
 * bus.write('status\n');
 * for await (const chunk of bus) {
 *   process.stdout.write(chunk);
 * }
 * ```
 */
export function toDuplex(
  manager: EventManager,
  fdObject: (ByteSource & ByteSink) | (MessageSource & MessageSink),
  options?: DuplexOptions,
): FdDuplex;
export function toDuplex(
  manager: EventManager,
  fd: number,
  options: DuplexOptions & ReadFunction & WriteFunction & CloseFunction,
): FdDuplex;
export function toDuplex(
  manager: EventManager,
  both: number | FdObject,
  options: DuplexOptions & Partial<ReadFunction & WriteFunction> & CloseFunction = {},
): FdDuplex {
  const fdObject = toFdObject(both, options);
  const incoming = chunksOf(fdObject, options);
  const outgoing = sinkOf(fdObject);
  const { allowHalfOpen = true } = options;
  const channel = new Channel(manager, fdObject, options, (error) => stream.destroy(error));
  const stream: Duplex = new Duplex({
    ...nodeOptions(options),
    allowHalfOpen,
    readableObjectMode: !incoming.isOfBytes,
    writableObjectMode: !outgoing.isOfBytes,
    construct: (done) => channel.open(done),
    read: () => reading.start(),
    write: (chunk, encoding, done) => writing.write(chunk, encoding, done),
    writev: (all, done) => writing.writeAll(all, done),
    final: (done) => writing.finish(done),
    destroy: (error, done) => channel.close(error, done),
  });
  const reading = new ReadHalf(stream, incoming, channel);
  const writing = new WriteHalf(outgoing, channel);
  return withKeepAlive(stream, channel);
}
