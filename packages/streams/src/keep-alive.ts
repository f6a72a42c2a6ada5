import type { Duplex, Readable, Writable } from 'node:stream';
import type { Channel } from './channel.js';

/** What the streams of this package have beyond those of Node. The methods do what those of `net.Socket` do. */
export interface KeepAlive {
  /** Makes the stream keep the process alive while its manager runs. This is the default. */
  ref(): this;

  /** Lets the process end although the stream is open. */
  unref(): this;
}

/** What `toReadable` returns. */
export interface FdReadable extends Readable, KeepAlive {}

/** What `toWritable` returns. */
export interface FdWritable extends Writable, KeepAlive {}

/** What `toDuplex` returns. */
export interface FdDuplex extends Duplex, KeepAlive {}

export function withKeepAlive<S extends Readable | Writable>(stream: S, channel: Channel): S & KeepAlive {
  const setRef = (isRef: boolean): S & KeepAlive => {
    channel.isRef = isRef;
    return full;
  };
  const full: S & KeepAlive = Object.assign(stream, { ref: () => setRef(true), unref: () => setRef(false) });
  return full;
}
