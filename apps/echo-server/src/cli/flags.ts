import { type Endpoint, type HostPort, readEndpoints, readHost, readHostPort, readPort } from './endpoint.js';
import { readLimit, readWhole, readWord } from './values.js';

/** What the flags say. */
export interface FlagValues {
  readonly listen: readonly Endpoint[] | undefined;
  readonly host: string;
  readonly port: number;
  readonly ipv6: 'dual' | 'only';
  readonly backlog: number;
  readonly workers: number;
  /** `Infinity` for any number. */
  readonly maxConnections: number;
  /** `Infinity` for never. */
  readonly idleMs: number;
  readonly drainMs: number;
  readonly bufferBytes: number;
  readonly totalBufferBytes: number;
  /** `Infinity` for any number. */
  readonly datagramsPerSource: number;
  readonly metrics: HostPort | undefined;
  /** `Infinity` for never. */
  readonly statsMs: number;
  readonly logLevel: 'debug' | 'info' | 'warning' | 'error' | 'off';
  readonly format: 'text' | 'json';
}

/** A flag that takes a value: what it is called, what it means, and how it is read. */
export interface Flag<T> {
  /** As the help has it: `--port <number>`. */
  readonly flags: string;
  /** The environment variable that stands for it. */
  readonly env: string;
  /** What it is if not given, as one would write it; `undefined` if it is then absent. */
  readonly fallback: string | undefined;
  readonly text: string;
  /** Whether it can be given more than once, and what it then reads is put together. */
  readonly isList?: true;
  /** Throws an InvalidArgumentError that says what the value must be. */
  readonly read: (text: string) => T;
}

/** The longest delay of a timer of Node. */
const MAX_MS = 0x7fff_ffff;
const MAX_COUNT = 0x7fff_ffff;
const MAX_WORKERS = 256;
const MIN_BUFFER_BYTES = 4 * 1024;
const MAX_BUFFER_BYTES = 1024 ** 3;
const MAX_TOTAL_BUFFER_BYTES = 1024 ** 4;

/** Every flag that takes a value, in the order of the help. */
export const FLAGS: { readonly [N in keyof FlagValues]: Flag<FlagValues[N]> } = {
  listen: {
    flags: '--listen <url>',
    env: 'EM_ECHO_LISTEN',
    fallback: undefined,
    text: 'where to listen, as below; can be given more than once, in the environment with spaces in between',
    isList: true,
    read: readEndpoints,
  },
  host: {
    flags: '--host <address>',
    env: 'EM_ECHO_HOST',
    fallback: '127.0.0.1',
    text: 'with --port the short form of --listen tcp://address:number',
    read: readHost,
  },
  port: {
    flags: '--port <number>',
    env: 'EM_ECHO_PORT',
    fallback: '7007',
    text: 'with --host the short form of --listen tcp://address:number; 0 takes any free port',
    read: readPort,
  },
  ipv6: {
    flags: '--ipv6 <mode>',
    env: 'EM_ECHO_IPV6',
    fallback: 'dual',
    text: 'what [::] takes: dual, IPv4 as well, or only, IPv6 alone',
    read: readWord('dual', 'only'),
  },
  backlog: {
    flags: '--backlog <number>',
    env: 'EM_ECHO_BACKLOG',
    fallback: '511',
    text: 'how many clients may wait to be accepted, on each listener',
    read: readWhole(1, MAX_COUNT),
  },
  workers: {
    flags: '--workers <number>',
    env: 'EM_ECHO_WORKERS',
    fallback: '1',
    text: 'how many threads serve, 1 for the main thread alone',
    read: readWhole(1, MAX_WORKERS),
  },
  maxConnections: {
    flags: '--max-connections <number>',
    env: 'EM_ECHO_MAX_CONNECTIONS',
    fallback: '0',
    text: 'how many clients are served at once, 0 for any number; more must wait',
    read: readLimit(MAX_COUNT),
  },
  idleMs: {
    flags: '--idle-ms <number>',
    env: 'EM_ECHO_IDLE_MS',
    fallback: '0',
    text: 'after how long a connection is closed on which nothing happens, 0 for never',
    read: readLimit(MAX_MS),
  },
  drainMs: {
    flags: '--drain-ms <number>',
    env: 'EM_ECHO_DRAIN_MS',
    fallback: '10000',
    text: 'how long clients have, when the server is stopped, to get what is theirs',
    read: readWhole(0, MAX_MS),
  },
  bufferBytes: {
    flags: '--buffer-bytes <number>',
    env: 'EM_ECHO_BUFFER_BYTES',
    fallback: '262144',
    text: 'how much is kept for a client that does not read, before it is read from no more',
    read: readWhole(MIN_BUFFER_BYTES, MAX_BUFFER_BYTES),
  },
  totalBufferBytes: {
    flags: '--total-buffer-bytes <number>',
    env: 'EM_ECHO_TOTAL_BUFFER_BYTES',
    fallback: '268435456',
    text: 'how much is kept for all of them, before none of them is read from any more',
    read: readWhole(MIN_BUFFER_BYTES, MAX_TOTAL_BUFFER_BYTES),
  },
  datagramsPerSource: {
    flags: '--datagrams-per-source <number>',
    env: 'EM_ECHO_DATAGRAMS_PER_SOURCE',
    fallback: '1000',
    text: 'how many datagrams of one sender are answered in a second, 0 for any number',
    read: readLimit(MAX_COUNT),
  },
  metrics: {
    flags: '--metrics <host:port>',
    env: 'EM_ECHO_METRICS',
    fallback: undefined,
    text: 'where to serve /metrics, for Prometheus, and /health over HTTP',
    read: readHostPort,
  },
  statsMs: {
    flags: '--stats-ms <number>',
    env: 'EM_ECHO_STATS_MS',
    fallback: '0',
    text: 'how often statistics are logged, 0 for on SIGUSR2 only',
    read: readLimit(MAX_MS),
  },
  logLevel: {
    flags: '--log-level <level>',
    env: 'EM_ECHO_LOG_LEVEL',
    fallback: 'info',
    text: 'what is logged: debug, info, warning, error or off',
    read: readWord('debug', 'info', 'warning', 'error', 'off'),
  },
  format: {
    flags: '--format <format>',
    env: 'EM_ECHO_FORMAT',
    fallback: 'text',
    text: 'how the ready line and the log are written: text or json',
    read: readWord('text', 'json'),
  },
};
