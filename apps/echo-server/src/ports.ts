/** A byte stream that never blocks, as the echo needs it: a TCP connection, or a fake one. */
export interface Stream {
  readonly fd: number;

  /** Reads what there is, up to the length of the buffer. 0 at the end of the stream, `undefined` if it would block. */
  read(buffer: Uint8Array): number | undefined;

  /** Writes `length` bytes from `offset` on, or fewer; returns how many. `undefined` if it would block. */
  write(buffer: Uint8Array, offset: number, length: number): number | undefined;

  /** Sends small writes at once instead of gathering them. Absent where nothing is gathered. */
  setNoDelay?(noDelay: boolean): void;

  close(): void;
}

/** Where streams come from, as the server needs it. */
export interface Listener {
  readonly fd: number;

  /** The next connection; `undefined` if it would block. Throws system errors, `EMFILE` or `ECONNABORTED` among them. */
  accept(): Stream | undefined;

  close(): void;
}

/** Takes one line for the log. */
export type Log = (line: string) => void;
