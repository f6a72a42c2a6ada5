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
import type { Details, Log } from '../ports.js';
import { type SetNonBlocking, STDERR, Stderr } from './stderr.js';

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
