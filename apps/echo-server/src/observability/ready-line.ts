import type { FlagValues } from '../cli/flags.js';

/**
 * What is written to stdout, for people and for programs, as soon as the server can be reached.
 *
 * @param metricsUrl - Told to programs; people find it in the log.
 */
export function readyLine(format: FlagValues['format'], urls: readonly string[], metricsUrl?: string): string {
  return format === 'json'
    ? JSON.stringify({ ready: true, pid: process.pid, listening: urls, metrics: metricsUrl })
    : `listening on ${urls.join(' ')}`;
}
