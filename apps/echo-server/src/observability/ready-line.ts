import type { FlagValues } from '../cli/flags.js';

/** What is written to stdout, for people and for programs, as soon as the server can be reached. */
export function readyLine(format: FlagValues['format'], urls: readonly string[]): string {
  return format === 'json'
    ? JSON.stringify({ ready: true, pid: process.pid, listening: urls })
    : `listening on ${urls.join(' ')}`;
}
