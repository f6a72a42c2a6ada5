export type { ChunkOptions } from './chunks.js';
export type {
  ByteSink,
  ByteSource,
  CloseFunction,
  MessageSink,
  MessageSource,
  ReadFunction,
  StreamOptions,
  WriteFunction,
} from './fd-objects.js';
export type { FdDuplex, FdReadable, FdWritable, KeepAlive } from './keep-alive.js';
export { type DuplexOptions, toDuplex } from './to-duplex.js';
export { type ReadableOptions, toReadable } from './to-readable.js';
export { toWritable, type WritableOptions } from './to-writable.js';
