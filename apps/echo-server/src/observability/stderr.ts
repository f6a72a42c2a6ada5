import { fs } from '../builtins.js';
import { codeOf } from '../error-facts.js';

export const STDERR = 2;

/** Sets `O_NONBLOCK` of an open file. */
export type SetNonBlocking = (fd: number, nonBlocking: boolean) => void;

/**
 * Standard error, without blocking. A reader that has stopped, such as a terminal after Ctrl-S, would otherwise stop the
 * server. Lines that find no room are dropped.
 */
export class Stderr {
  readonly #fd: number;
  /** The end of a line whose beginning is written. */
  #rest: Uint8Array = Buffer.alloc(0);
  #dropped = 0;

  constructor(setNonBlocking: SetNonBlocking) {
    this.#fd = openNonBlocking(setNonBlocking);
  }

  /**
   * @param line - Ends with a newline.
   * @param noteOf - Returns the line to write before it, if lines were dropped.
   */
  write(line: string, noteOf: (dropped: number) => string): void {
    if (!this.#flush()) {
      this.#dropped++;
      return;
    }
    const bytes = Buffer.from(this.#dropped === 0 ? line : noteOf(this.#dropped) + line);
    this.#rest = bytes;
    this.#flush();
    if (this.#rest === bytes) {
      this.#rest = Buffer.alloc(0);
      this.#dropped++;
    } else {
      this.#dropped = 0;
    }
  }

  /** Returns whether nothing is left. */
  #flush(): boolean {
    while (this.#rest.length > 0) {
      try {
        this.#rest = this.#rest.subarray(fs.writeSync(this.#fd, this.#rest));
      } catch (error) {
        if (codeOf(error) === 'EAGAIN') {
          return false;
        }
        // The reader of the log has gone. The server keeps running.
        this.#rest = Buffer.alloc(0);
      }
    }
    return true;
  }
}

/**
 * Other processes share the open file of fd 2, such as the shell that started the server, and should not find it
 * non-blocking. So a pipe and a terminal are opened again. A socket cannot be opened again. A file does not block for long.
 */
function openNonBlocking(setNonBlocking: SetNonBlocking): number {
  const kind = fs.fstatSync(STDERR);
  if (kind.isSocket()) {
    setNonBlocking(STDERR, true);
  } else if (kind.isFIFO() || kind.isCharacterDevice()) {
    try {
      return fs.openSync(
        `/proc/self/fd/${STDERR}`,
        fs.constants.O_WRONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY,
      );
    } catch {
      // For example after a change of the user, who may not open it. Then it can block.
    }
  }
  return STDERR;
}
