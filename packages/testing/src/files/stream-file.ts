import { EventSet } from '@em/core';
import { systemError } from '../errors.js';
import type { OpenFile } from './open-file.js';
import { SocketFile } from './socket.js';

const MAX_CHUNK_BYTES = 106_496;

/** Which directions `shutdown` ends. */
export type ShutdownHow = 'read' | 'write' | 'both';

interface Chunk {
  readonly bytes: Uint8Array;
  start: number;
  readonly files: readonly OpenFile[];
}

/** What a read has returned. */
export interface Received {
  readonly length: number;
  /** The files that came with the bytes. Each counts as open until `fdClosed` is called. */
  readonly files: readonly OpenFile[];
}

/** A connected stream socket. */
export abstract class StreamFile extends SocketFile {
  /** The other end; `undefined` once it is closed. */
  peer: StreamFile | undefined;
  protected readonly received: Chunk[] = [];
  /** The bytes that the peer has not read. A chunk counts in full until its last byte is read. */
  protected unreadBytes = 0;
  protected readShutDown = false;
  protected writeShutDown = false;

  protected abstract readonly isWritable: boolean;
  protected abstract readonly hasRoom: boolean;

  /** The memory that written bytes use until they have arrived. */
  abstract readonly undeliveredBytes: number;

  /** Links this end to another one. */
  link(peer: StreamFile): void {
    this.peer = peer;
    peer.peer = this;
  }

  override events(): EventSet {
    let events: EventSet = this.isWritable ? EventSet.OUT : 0;
    if (this.received.length > 0) {
      events |= EventSet.IN;
    }
    if (this.readShutDown) {
      events |= EventSet.IN | EventSet.READ_HANG_UP;
    }
    if (this.readShutDown && this.writeShutDown) {
      events |= EventSet.HANG_UP;
    }
    return this.hasError ? events | EventSet.ERROR : events;
  }

  read(into: Uint8Array, isPeek = false): Received | undefined {
    if (this.received.length === 0) {
      this.throwReadError();
      return this.readShutDown ? { length: 0, files: [] } : undefined;
    }
    return isPeek ? this.#peek(into) : this.#take(into);
  }

  write(bytes: Uint8Array, files: readonly OpenFile[] = []): number | undefined {
    const peer = this.connectedPeer();
    let done = 0;
    while (done < bytes.length && this.hasRoom) {
      const chunk = { bytes: bytes.slice(done, done + MAX_CHUNK_BYTES), start: 0, files: done === 0 ? files : [] };
      for (const file of chunk.files) {
        file.fdOpened();
      }
      done += chunk.bytes.length;
      this.unreadBytes += chunk.bytes.length;
      peer.received.push(chunk);
      peer.wakeUp(EventSet.IN | EventSet.PRIORITY);
    }
    return done === 0 && bytes.length > 0 ? undefined : done;
  }

  /** Ends reading, writing, or both. */
  end(reading: boolean, writing: boolean): void {
    this.readShutDown ||= reading;
    this.writeShutDown ||= writing;
    this.wakeUp(EventSet.EMPTY);
  }

  /** Ends directions, as shutdown(2) does. */
  abstract shutdown(how: ShutdownHow): void;

  /** The peer has read a whole chunk. */
  protected abstract wasRead(byteCount: number): void;

  /** Returns the peer that a write goes to, or throws the reason why it cannot. */
  protected abstract connectedPeer(): StreamFile;

  protected throwReadError(): void {
    this.throwError('recv');
  }

  /** Closes what was never accepted. */
  abandon(): void {
    this.release();
  }

  protected abstract override release(): void;

  /** Drops the bytes that were not read, and frees the room that they took. */
  protected drop(): void {
    for (const { bytes, files } of this.received.splice(0)) {
      for (const file of files) {
        file.fdClosed();
      }
      this.peer?.wasRead(bytes.length);
    }
  }

  #take(into: Uint8Array): Received {
    let length = 0;
    for (let chunk = this.received[0]; chunk !== undefined && length < into.length; chunk = this.received[0]) {
      const part = chunk.bytes.subarray(chunk.start, chunk.start + into.length - length);
      into.set(part, length);
      length += part.length;
      const files = chunk.start === 0 ? chunk.files : [];
      chunk.start += part.length;
      if (chunk.start === chunk.bytes.length) {
        this.received.shift();
        this.peer?.wasRead(chunk.bytes.length);
      }
      if (files.length > 0) {
        return { length, files };
      }
    }
    return { length, files: [] };
  }

  #peek(into: Uint8Array): Received {
    let length = 0;
    for (const { bytes, start } of this.received) {
      const part = bytes.subarray(start, start + into.length - length);
      into.set(part, length);
      length += part.length;
    }
    return { length, files: [] };
  }
}

/** A unix stream socket. See net/unix/af_unix.c. */
export class UnixStreamFile extends StreamFile {
  override get undeliveredBytes(): number {
    return this.unreadBytes;
  }

  /** `unix_writable`: while the peer has at most a quarter of the send buffer to read. */
  protected override get isWritable(): boolean {
    return this.unreadBytes <= this.sendBufferBytes / 4;
  }

  protected override get hasRoom(): boolean {
    return this.unreadBytes < this.sendBufferBytes;
  }

  override shutdown(how: ShutdownHow): void {
    this.end(how !== 'write', how !== 'read');
    this.peer?.end(how !== 'read', how !== 'write');
  }

  /** Closes the server's end of a connection that the listener never accepted: the client always gets an error. */
  override abandon(): void {
    this.peer?.fail('ECONNRESET');
    this.release();
  }

  protected override wasRead(byteCount: number): void {
    this.unreadBytes -= byteCount;
    if (this.isWritable) {
      this.wakeUp(EventSet.OUT);
    }
  }

  protected override connectedPeer(): StreamFile {
    if (this.writeShutDown || this.peer === undefined) {
      throw systemError('EPIPE', 'send');
    }
    return this.peer;
  }

  protected override release(): void {
    const { peer } = this;
    if (peer !== undefined) {
      if (this.received.length > 0) {
        peer.fail('ECONNRESET');
      }
      peer.end(true, true);
      this.drop();
      peer.peer = undefined;
    }
  }
}

/** A TCP socket. The kernels of both ends are one here, so that nothing is ever on its way. See net/ipv4/tcp.c. */
export class TcpStreamFile extends StreamFile {
  /** Whether a write or a wait found no room, so that room is an edge: `SOCK_NOSPACE`. */
  #isWaitingForRoom = false;
  /** Whether it waits for room in the queue of the listener. */
  isConnecting = false;
  /** Whether the connection is over in both directions. */
  isOver = false;
  /** Whether the peer has ended its half: a read then returns the end, whatever has failed. */
  #isDone = false;

  /** The bytes that do not fit into the receive buffer of the peer. */
  override get undeliveredBytes(): number {
    return Math.max(0, this.unreadBytes - (this.peer?.receiveBufferBytes ?? 0));
  }

  /** `sk_stream_is_writeable`: while at most two thirds of the send buffer are in use. */
  protected override get isWritable(): boolean {
    const isWritable = this.writeShutDown || 3 * this.undeliveredBytes <= 2 * this.sendBufferBytes;
    this.#isWaitingForRoom ||= !isWritable;
    return isWritable;
  }

  protected override get hasRoom(): boolean {
    const hasRoom = this.undeliveredBytes < this.sendBufferBytes;
    this.#isWaitingForRoom ||= !hasRoom;
    return hasRoom;
  }

  override events(): EventSet {
    return this.isConnecting ? EventSet.EMPTY : super.events() | (this.isOver ? EventSet.HANG_UP : 0);
  }

  override write(bytes: Uint8Array): number | undefined {
    return this.isConnecting ? undefined : super.write(bytes);
  }

  /** The handshake with the other end is done. */
  connect(peer: TcpStreamFile): void {
    this.isConnecting = false;
    this.link(peer);
    this.wakeUp(EventSet.EMPTY);
  }

  override shutdown(how: ShutdownHow): void {
    if (this.isOver) {
      throw systemError('ENOTCONN', 'shutdown');
    }
    const ended = !this.writeShutDown && how !== 'read';
    this.end(how !== 'write', how !== 'read');
    if (ended) {
      (this.peer as TcpStreamFile | undefined)?.finish();
    }
  }

  /** The peer sends no more. */
  finish(): void {
    this.#isDone = true;
    this.end(true, false);
  }

  /** The connection fails: the peer is gone, or was never there. */
  reset(code: 'ECONNRESET' | 'ECONNREFUSED' | 'EPIPE'): void {
    this.isOver = true;
    this.isConnecting = false;
    this.peer = undefined;
    this.end(true, true);
    this.fail(code);
  }

  /** Ends the connection from the side of the server, which has not accepted it. */
  override abandon(): void {
    const { peer } = this;
    this.peer = undefined;
    (peer as TcpStreamFile | undefined)?.reset('ECONNRESET');
  }

  protected override wasRead(byteCount: number): void {
    this.unreadBytes -= byteCount;
    if (this.#isWaitingForRoom && this.isWritable) {
      this.#isWaitingForRoom = false;
      this.wakeUp(EventSet.OUT);
    }
  }

  protected override connectedPeer(): StreamFile {
    if (this.writeShutDown) {
      this.throwError('send');
      throw systemError('EPIPE', 'send');
    }
    return this.peer ?? new Nowhere(() => this.reset('EPIPE'));
  }

  protected override throwReadError(): void {
    if (!this.#isDone) {
      super.throwReadError();
    }
  }

  protected override release(): void {
    const peer = this.peer as TcpStreamFile | undefined;
    this.peer = undefined;
    if (peer === undefined) {
      return;
    }
    if (this.received.length > 0) {
      this.received.length = 0;
      peer.reset('ECONNRESET');
    } else {
      peer.peer = undefined;
      peer.finish();
    }
  }
}

/** Where bytes go that are sent to a closed TCP peer: its kernel answers with a reset. */
class Nowhere extends TcpStreamFile {
  readonly #onBytes: () => void;

  constructor(onBytes: () => void) {
    super();
    this.#onBytes = onBytes;
  }

  override wakeUp(): void {
    this.#onBytes();
  }
}
