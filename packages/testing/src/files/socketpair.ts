import { EventSet } from '@em/core';
import { outOfRange } from '@em/core/check';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { partOf, roomIn } from './arguments.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

/** `net.core.wmem_default` on x86-64. Less fits in reality, because the kernel counts its own bookkeeping as well. */
const SEND_BUFFER_BYTES = 212_992;
/** A socket is writable while the peer has at most this number of bytes to read: `unix_writable`, net/unix/af_unix.c. */
const WRITABLE_BELOW_BYTES = SEND_BUFFER_BYTES / 4;
const MAX_CHUNK_BYTES = SEND_BUFFER_BYTES / 2;

/** Which directions `shutdown` ends. */
export type ShutdownHow = 'read' | 'write' | 'both';

interface Chunk {
  readonly bytes: Uint8Array;
  start: number;
}

/** A connected unix stream socket. See net/unix/af_unix.c. */
class StreamSocket extends OpenFile {
  peer: StreamSocket | undefined;
  readonly #received: Chunk[] = [];
  /** The bytes that the peer has not read. A chunk counts in full until its last byte is read. */
  #sentBytes = 0;
  #readShutDown = false;
  #writeShutDown = false;
  #reset = false;

  static connect(): [StreamSocket, StreamSocket] {
    const one = new StreamSocket();
    const other = new StreamSocket();
    one.peer = other;
    other.peer = one;
    return [one, other];
  }

  override events(): EventSet {
    let events: EventSet = this.#isWritable ? EventSet.OUT : 0;
    if (this.#received.length > 0) {
      events |= EventSet.IN;
    }
    if (this.#readShutDown) {
      events |= EventSet.IN | EventSet.READ_HANG_UP;
    }
    if (this.#readShutDown && this.#writeShutDown) {
      events |= EventSet.HANG_UP;
    }
    return this.#reset ? events | EventSet.ERROR : events;
  }

  read(into: Uint8Array): number | undefined {
    if (this.#received.length === 0) {
      if (this.#reset) {
        this.#reset = false;
        throw systemError('ECONNRESET', 'read');
      }
      return this.#readShutDown ? 0 : undefined;
    }
    let done = 0;
    for (let chunk = this.#received[0]; chunk !== undefined && done < into.length; chunk = this.#received[0]) {
      const part = chunk.bytes.subarray(chunk.start, chunk.start + into.length - done);
      into.set(part, done);
      done += part.length;
      chunk.start += part.length;
      if (chunk.start === chunk.bytes.length) {
        this.#received.shift();
        this.peer?.wasRead(chunk.bytes.length);
      }
    }
    return done;
  }

  write(bytes: Uint8Array): number | undefined {
    const peer = this.peer;
    if (this.#writeShutDown || peer === undefined) {
      throw systemError('EPIPE', 'write');
    }
    let done = 0;
    while (done < bytes.length && this.#sentBytes < SEND_BUFFER_BYTES) {
      const chunk = bytes.slice(done, done + MAX_CHUNK_BYTES);
      done += chunk.length;
      this.#sentBytes += chunk.length;
      peer.#received.push({ bytes: chunk, start: 0 });
      peer.wakeUp(EventSet.IN | EventSet.PRIORITY);
    }
    return done === 0 && bytes.length > 0 ? undefined : done;
  }

  shutdown(how: ShutdownHow): void {
    this.end(how !== 'write', how !== 'read');
    this.peer?.end(how !== 'read', how !== 'write');
  }

  /** Ends reading, writing, or both. */
  end(reading: boolean, writing: boolean): void {
    this.#readShutDown ||= reading;
    this.#writeShutDown ||= writing;
    this.wakeUp(EventSet.EMPTY);
  }

  /** The peer has read a whole chunk. */
  wasRead(byteCount: number): void {
    this.#sentBytes -= byteCount;
    if (this.#isWritable) {
      this.wakeUp(EventSet.OUT);
    }
  }

  protected override release(): void {
    const peer = this.peer;
    if (peer !== undefined) {
      peer.#reset ||= this.#received.length > 0;
      peer.end(true, true);
      for (const { bytes } of this.#received.splice(0)) {
        peer.wasRead(bytes.length);
      }
    }
  }

  get #isWritable(): boolean {
    return this.#sentBytes <= WRITABLE_BELOW_BYTES;
  }
}

/** One of two unix stream sockets that are connected to each other. {@link FakeFd} says what every method throws. */
export class FakeSocket extends FakeFd<StreamSocket> {
  static pair(fds: FdTable): [FakeSocket, FakeSocket] {
    const [one, other] = StreamSocket.connect();
    return [new FakeSocket(fds, one), new FakeSocket(fds, other)];
  }

  override dup(): FakeSocket {
    return new FakeSocket(this.fds, this.open());
  }

  /**
   * Reads as many bytes as there are and the buffer can hold.
   *
   * @returns The number of bytes; 0 at the end of the stream; `undefined` if a real read would block.
   * @throws RangeError `ERR_OUT_OF_RANGE` if `offset` and `length` exceed the buffer.
   * @throws SystemError `ECONNRESET`, once, if the peer was closed before it had read everything.
   */
  read(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.open().read(roomIn(buffer, offset, length));
  }

  /**
   * Writes as many bytes as there is room for.
   *
   * @returns The number of bytes written; `undefined` if a real write would block.
   * @throws RangeError `ERR_OUT_OF_RANGE` if `offset` and `length` exceed the buffer.
   * @throws SystemError `EPIPE` if this end is shut down for writing, or the peer for reading.
   */
  write(buffer: Uint8Array, offset: number = 0, length?: number): number | undefined {
    return this.open().write(partOf(buffer, offset, length));
  }

  /**
   * Ends one direction or both. When this end stops writing, the peer gets `IN|READ_HANG_UP`.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE` if `how` is another value.
   */
  shutdown(how: ShutdownHow): void {
    if (how !== 'read' && how !== 'write' && how !== 'both') {
      throw outOfRange('how', "'read', 'write' or 'both'", how);
    }
    this.open().shutdown(how);
  }
}
