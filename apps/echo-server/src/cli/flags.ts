import { type Endpoint, type HostPort, readEndpoints, readHost, readHostPort, readPort } from './endpoint.js';
import { readLimit, readWhole, readWord } from './values.js';

/** The values of the flags. */
export interface FlagValues {
  readonly listen: readonly Endpoint[] | undefined;
  readonly host: string;
  readonly port: number;
  readonly ipv6: 'dual' | 'only';
  readonly backlog: number;
  readonly workers: number;
  /** `Infinity` for no limit. */
  readonly maxConnections: number;
  /** `Infinity` for never. */
  readonly idleMs: number;
  /** `Infinity` for never. */
  readonly keepAliveMs: number;
  readonly drainMs: number;
  readonly bufferBytes: number;
  readonly totalBufferBytes: number;
  /** `Infinity` for no limit. */
  readonly datagramsPerSource: number;
  readonly metrics: HostPort | undefined;
  /** `Infinity` for never. */
  readonly statsMs: number;
  readonly logLevel: 'debug' | 'info' | 'warning' | 'error' | 'off';
  readonly format: 'text' | 'json';
}

/** A flag that has a value. */
export interface Flag<T> {
  /** The flag as in the help: `--port <number>`. */
  readonly flags: string;
  /** Its environment variable. */
  readonly env: string;
  /** The default, as text; `undefined` if there is no default. */
  readonly fallback: string | undefined;
  readonly text: string;
  /** Whether the flag can be given several times. Its values form one list. */
  readonly isList?: true;
  /** Reads a value. Throws an InvalidArgumentError that says what the value must be. */
  readonly read: (text: string) => T;
}

/** The longest delay of a timer in Node. */
const MAX_MS = 0x7fff_ffff;
/** The longest idle time that the kernel takes for TCP. */
const MAX_KEEP_ALIVE_MS = 32_767_000;
const MAX_COUNT = 0x7fff_ffff;
const MAX_WORKERS = 256;
const MIN_BUFFER_BYTES = 4 * 1024;
const MAX_BUFFER_BYTES = 1024 ** 3;
const MAX_TOTAL_BUFFER_BYTES = 1024 ** 4;

/** Every flag that has a value, in the order of the help. */
export const FLAGS: { readonly [N in keyof FlagValues]: Flag<FlagValues[N]> } = {
  listen: {
    flags: '--listen <url>',
    env: 'EM_ECHO_LISTEN',
    fallback: undefined,
    text: 'listen on this endpoint; repeat the flag for several, in the variable separate them by spaces',
    isList: true,
    read: readEndpoints,
  },
  host: {
    flags: '--host <address>',
    env: 'EM_ECHO_HOST',
    fallback: '127.0.0.1',
    text: 'listen at this address and --port, short for --listen tcp://address:number',
    read: readHost,
  },
  port: {
    flags: '--port <number>',
    env: 'EM_ECHO_PORT',
    fallback: '7007',
    text: 'listen on this TCP port of --host, short for --listen tcp://address:number; 0 means any free port',
    read: readPort,
  },
  ipv6: {
    flags: '--ipv6 <mode>',
    env: 'EM_ECHO_IPV6',
    fallback: 'dual',
    text: 'accept IPv4 at [::] too: dual (yes) or only (no)',
    read: readWord('dual', 'only'),
  },
  backlog: {
    flags: '--backlog <number>',
    env: 'EM_ECHO_BACKLOG',
    fallback: '511',
    text: 'let at most this number of clients wait to be accepted, per listener',
    read: readWhole(1, MAX_COUNT),
  },
  workers: {
    flags: '--workers <number>',
    env: 'EM_ECHO_WORKERS',
    fallback: '1',
    text: 'serve in this number of threads; 1 means the main thread only',
    read: readWhole(1, MAX_WORKERS),
  },
  maxConnections: {
    flags: '--max-connections <number>',
    env: 'EM_ECHO_MAX_CONNECTIONS',
    fallback: '0',
    text: 'serve at most this number of clients at a time, 0 for no limit; more clients wait',
    read: readLimit(MAX_COUNT),
  },
  idleMs: {
    flags: '--idle-ms <number>',
    env: 'EM_ECHO_IDLE_MS',
    fallback: '0',
    text: 'close a connection when nothing has happened on it for this time, 0 for never',
    read: readLimit(MAX_MS),
  },
  keepAliveMs: {
    flags: '--keep-alive-ms <number>',
    env: 'EM_ECHO_KEEP_ALIVE_MS',
    fallback: '60000',
    text: 'ask a TCP client that has been silent for this time whether it is still there, 0 for never',
    read: readLimit(MAX_KEEP_ALIVE_MS),
  },
  drainMs: {
    flags: '--drain-ms <number>',
    env: 'EM_ECHO_DRAIN_MS',
    fallback: '10000',
    text: 'give clients this time to get the rest when the server stops',
    read: readWhole(0, MAX_MS),
  },
  bufferBytes: {
    flags: '--buffer-bytes <number>',
    env: 'EM_ECHO_BUFFER_BYTES',
    fallback: '262144',
    text: 'stop reading from a client when it has this number of unsent bytes',
    read: readWhole(MIN_BUFFER_BYTES, MAX_BUFFER_BYTES),
  },
  totalBufferBytes: {
    flags: '--total-buffer-bytes <number>',
    env: 'EM_ECHO_TOTAL_BUFFER_BYTES',
    fallback: '268435456',
    text: 'stop reading from clients with unsent bytes when all clients together have this number of them',
    read: readWhole(MIN_BUFFER_BYTES, MAX_TOTAL_BUFFER_BYTES),
  },
  datagramsPerSource: {
    flags: '--datagrams-per-source <number>',
    env: 'EM_ECHO_DATAGRAMS_PER_SOURCE',
    fallback: '1000',
    text: 'send at most this number of answers per second to one sender, 0 for no limit',
    read: readLimit(MAX_COUNT),
  },
  metrics: {
    flags: '--metrics <host:port>',
    env: 'EM_ECHO_METRICS',
    fallback: undefined,
    text: 'serve /metrics, for Prometheus, and /health over HTTP on this address',
    read: readHostPort,
  },
  statsMs: {
    flags: '--stats-ms <number>',
    env: 'EM_ECHO_STATS_MS',
    fallback: '0',
    text: 'log the statistics at this interval, 0 for only on SIGUSR2',
    read: readLimit(MAX_MS),
  },
  logLevel: {
    flags: '--log-level <level>',
    env: 'EM_ECHO_LOG_LEVEL',
    fallback: 'info',
    text: 'log records of this level and above: debug, info, warning, error or off',
    read: readWord('debug', 'info', 'warning', 'error', 'off'),
  },
  format: {
    flags: '--format <format>',
    env: 'EM_ECHO_FORMAT',
    fallback: 'text',
    text: 'write the ready line and the log in this format: text or json',
    read: readWord('text', 'json'),
  },
};
