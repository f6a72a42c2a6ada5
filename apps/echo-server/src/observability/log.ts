import type { setNonBlocking } from '@em/sys';
import {
  configureSync,
  type FormattedValues,
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogRecord,
  type TextFormatter,
} from '@logtape/logtape';
import { fs } from '../builtins.js';
import type { FlagValues } from '../cli/flags.js';
import type { Details, Log } from '../context.js';
import { codeOf } from '../errors.js';

const NAME = 'em-echo-server';
const TOO_SLOW = 'log lines were dropped because their reader was too slow';

/** Options of the log. */
export type LogOptions = Pick<FlagValues, 'logLevel' | 'format'>;

/** Opens the log of this thread. It writes to stderr, and never blocks. */
export function openLog({ logLevel, format }: LogOptions, setNonBlocking: SetNonBlocking): Log {
  const stderr = new Stderr(setNonBlocking);
  const formatRecord = format === 'json' ? getJsonLinesFormatter() : textFormatter();
  const noteOf = (record: LogRecord, lines: number): string =>
    formatRecord({ ...record, level: 'warning', message: [TOO_SLOW], rawMessage: TOO_SLOW, properties: { lines } });
  configureSync({
    reset: true,
    sinks: { stderr: (record) => stderr.write(formatRecord(record), (lines) => noteOf(record, lines)) },
    loggers: [
      { category: NAME, lowestLevel: logLevel === 'off' ? null : logLevel, sinks: ['stderr'] },
      { category: ['logtape', 'meta'], lowestLevel: 'error', sinks: ['stderr'] },
    ],
  });
  return getLogger(NAME);
}

/** `2026-11-24T22:13:20.000Z WARNING new connections must wait reason="there are 100 connections"` */
function textFormatter(): TextFormatter {
  const options = {
    timestamp: 'rfc3339',
    level: 'FULL',
    format: ({ timestamp, level, message, record }: FormattedValues) =>
      [timestamp, level, message, ...detailsOf(record.properties)].join(' '),
  } as const;
  // A terminal is a character device. For anything else, Node would load the streams only to find out that it has no colors.
  const hasColors = fs.fstatSync(STDERR).isCharacterDevice() && process.stderr.hasColors?.();
  return hasColors ? getAnsiColorFormatter(options) : getTextFormatter(options);
}

function detailsOf(details: Details): string[] {
  return Object.entries(details).map(([name, value]) => {
    const text = String(value);
    return `${name}=${/^[\w.:/[\]@-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
}

const STDERR = 2;

/** `setNonBlocking` of `@em/sys`. */
export type SetNonBlocking = typeof setNonBlocking;

/**
 * Standard error, without blocking. A reader that has stopped, such as a terminal after Ctrl-S, would otherwise stop the
 * server. Lines that find no room are dropped.
 */
class Stderr {
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
