import type { Listener, Stream } from '../../src/sockets/server-socket.js';
import { systemError } from './system-error.js';

/** The result of a call: a value, `undefined` if it would have blocked, or the code of an error. */
type Result = { readonly value: number | undefined } | { readonly code: string };

/** The results of a connection, by method, in their order. */
interface StreamTape {
  readonly read: Result[];
  readonly write: Result[];
  readonly undeliveredBytes: Result[];
}

/** The connections that a listener accepts. `undefined` where it would have blocked. */
export type ListenerTape = (StreamTape | undefined)[];

/** Passes everything on to a listener, and keeps the results of its connections. */
export class RecordingListener implements Listener {
  readonly tape: ListenerTape = [];
  readonly #listener: Listener;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  get fd(): number {
    return this.#listener.fd;
  }

  accept(): Stream | undefined {
    const stream = this.#listener.accept();
    const tape = stream && { read: [], write: [], undeliveredBytes: [] };
    this.tape.push(tape);
    return stream && tape && new RecordingStream(stream, tape);
  }

  close(): void {
    this.#listener.close();
  }
}

class RecordingStream implements Stream {
  readonly #stream: Stream;
  readonly #tape: StreamTape;

  constructor(stream: Stream, tape: StreamTape) {
    this.#stream = stream;
    this.#tape = tape;
  }

  get fd(): number {
    return this.#stream.fd;
  }

  read(buffer: Uint8Array, offset: number, length: number): number | undefined {
    return keep(this.#tape.read, () => this.#stream.read(buffer, offset, length));
  }

  write(buffer: Uint8Array, offset: number, length: number): number | undefined {
    return keep(this.#tape.write, () => this.#stream.write(buffer, offset, length));
  }

  undeliveredBytes(): number {
    return keep(this.#tape.undeliveredBytes, () => this.#stream.undeliveredBytes()) ?? 0;
  }

  shutdownWrite(): void {
    this.#stream.shutdownWrite();
  }

  close(): void {
    this.#stream.close();
  }
}

/** Accepts the connections of a tape. They return what the real ones have returned; the bytes do not matter. */
export class PlayingListener implements Listener {
  readonly fd: number;
  readonly #tape: ListenerTape;
  #nextFd: number;

  constructor(fd: number, tape: ListenerTape) {
    this.fd = fd;
    this.#nextFd = fd + 1;
    this.#tape = structuredClone(tape);
  }

  accept(): Stream | undefined {
    const tape = this.#tape.shift();
    return tape && new PlayingStream(this.#nextFd++, tape);
  }

  close(): void {
    // Nothing to close.
  }
}

class PlayingStream implements Stream {
  readonly fd: number;
  readonly #tape: StreamTape;

  constructor(fd: number, tape: StreamTape) {
    this.fd = fd;
    this.#tape = tape;
  }

  read(): number | undefined {
    return play(this.#tape.read);
  }

  write(_buffer: Uint8Array, _offset: number, length: number): number | undefined {
    const count = play(this.#tape.write);
    if ((count ?? 0) > length) {
      throw new Error(`the server writes ${length} bytes, but ${count} were written`);
    }
    return count;
  }

  undeliveredBytes(): number {
    return play(this.#tape.undeliveredBytes) ?? 0;
  }

  shutdownWrite(): void {
    // No client reads it.
  }

  close(): void {
    // Nothing to close.
  }
}

function keep(results: Result[], call: () => number | undefined): number | undefined {
  try {
    const value = call();
    results.push({ value });
    return value;
  } catch (error) {
    results.push({ code: (error as { code: string }).code });
    throw error;
  }
}

function play(results: Result[]): number | undefined {
  const result = results.shift();
  if (result === undefined) {
    throw new Error('the tape has ended');
  }
  if ('code' in result) {
    throw systemError(result.code);
  }
  return result.value;
}
