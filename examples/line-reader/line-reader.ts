import { type EventManager, EventSet, type Registration } from '@em/core';

/** A pipe, a socket or a tty. */
export interface ByteSource {
  readonly fd: number;
  /** Returns the number of bytes, 0 at the end, `undefined` if it would block. */
  read(buffer: Uint8Array): number | undefined;
}

/** Calls `onLine` for each line of a source, and `onEnd` at its end. */
export class LineReader {
  readonly #source: ByteSource;
  readonly #onLine: (line: string) => void;
  readonly #onEnd: () => void;
  readonly #registration: Registration;
  readonly #buffer = new Uint8Array(4096);
  readonly #decoder = new TextDecoder();
  #unfinished = '';

  constructor(manager: EventManager, source: ByteSource, onLine: (line: string) => void, onEnd: () => void) {
    this.#source = source;
    this.#onLine = onLine;
    this.#onEnd = onEnd;
    this.#registration = manager.add(source, EventSet.IN, () => this.#read());
  }

  /** The end of a pipe is HANG_UP without IN. So ignore the reported events, and let `read` find the end. */
  #read(): void {
    const length = this.#source.read(this.#buffer);
    if (length === undefined) {
      return;
    }
    if (length === 0) {
      this.#registration.delete();
      this.#onEnd();
      return;
    }
    const lines = (this.#unfinished + this.#decoder.decode(this.#buffer.subarray(0, length), { stream: true })).split(
      '\n',
    );
    this.#unfinished = lines.pop() ?? '';
    for (const line of lines) {
      this.#onLine(line);
    }
  }
}
