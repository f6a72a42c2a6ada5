import { InvalidArgumentError } from 'commander';
import { readWhole } from './values.js';

/** An IP address or a host name, and a port. */
export interface HostPort {
  readonly host: string;
  /** From 0, for any free port, to 65535. */
  readonly port: number;
}

/** Where to listen. */
export type Endpoint = InetEndpoint | UnixEndpoint | FdEndpoint;

interface InetEndpoint extends HostPort {
  readonly transport: 'tcp' | 'udp';
}

interface UnixEndpoint {
  readonly transport: 'unix' | 'unixgram';
  /** A path in the file system, or NUL and an abstract name. */
  readonly path: string;
}

/** An inherited socket. */
interface FdEndpoint {
  readonly transport: 'fd';
  /** Its number, or the name that the service manager gave it. */
  readonly fd: number | string;
}

const MAX_PORT = 65_535;
const MAX_FD = 0x7fff_ffff;
/** `sun_path` of unix(7) has 108 bytes, including the NUL that ends a path or begins an abstract name. */
const MAX_PATH_BYTES = 107;
const ABSTRACT = '\0';

/**
 * Reads an endpoint in the form of {@link formatEndpoint}.
 *
 * @throws InvalidArgumentError that says what the text must be. So do the other functions that read.
 */
export function readEndpoint(text: string): Endpoint {
  const [, scheme, rest = ''] = /^(tcp:\/\/|udp:\/\/|unix:|unixgram:|fd:)(.*)$/s.exec(text) ?? [];
  switch (scheme) {
    case 'tcp://':
      return { transport: 'tcp', ...readHostPort(rest) };
    case 'udp://':
      return { transport: 'udp', ...readHostPort(rest) };
    case 'unix:':
      return { transport: 'unix', path: readPath(rest) };
    case 'unixgram:':
      return { transport: 'unixgram', path: readPath(rest) };
    case 'fd:':
      return { transport: 'fd', fd: /^[A-Za-z]/.test(rest) ? rest : readWhole(0, MAX_FD)(rest) };
    default:
      throw new InvalidArgumentError('It must begin with tcp://, udp://, unix:, unixgram: or fd:.');
  }
}

/** Reads several endpoints, separated by white space. */
export function readEndpoints(text: string): readonly Endpoint[] {
  return text
    .trim()
    .split(/\s+(?=[a-z]+:)/)
    .map(readEndpoint);
}

/** `tcp://host:port`, `udp://host:port`, `unix:path`, `unixgram:path`, `unix:@name`, `fd:number` or `fd:name`. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.transport) {
    case 'tcp':
    case 'udp':
      return `${endpoint.transport}://${formatHostPort(endpoint)}`;
    case 'unix':
    case 'unixgram':
      return `${endpoint.transport}:${endpoint.path.replace(ABSTRACT, '@')}`;
    case 'fd':
      return `fd:${endpoint.fd}`;
  }
}

/** Reads `host:port`, with an IPv6 address in brackets. */
export function readHostPort(text: string): HostPort {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/s.exec(text) ?? [];
  if (port === undefined) {
    throw new InvalidArgumentError('It must have the form host:port, with an IPv6 address in brackets: [::1]:7007.');
  }
  if (bracketed !== undefined && ipVersion(bracketed) !== 6) {
    throw new InvalidArgumentError('The host in brackets must be an IPv6 address.');
  }
  return { host: readHost(bracketed ?? plain ?? ''), port: readPort(port) };
}

export function formatHostPort({ host, port }: HostPort): string {
  return `${ipVersion(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Reads an IP address or a host name. */
export function readHost(text: string): string {
  if (text === '' || /[\s%/]/.test(text)) {
    throw new InvalidArgumentError('The host must be an IP address without a zone, or a name.');
  }
  return text;
}

/** Reads a port. */
export const readPort: (text: string) => number = readWhole(0, MAX_PORT, 'The port');

function readPath(text: string): string {
  const path = text.replace(/^@/, ABSTRACT);
  if (path === '' || path === ABSTRACT || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new InvalidArgumentError(`It must have a path, or @ and a name, of at most ${MAX_PATH_BYTES} bytes.`);
  }
  return path;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** Returns the version of an IP address, or 0 for any other text. Loads `node:net` only for a text that may be IPv6. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (IPV4.test(text)) {
    return 4;
  }
  return text.includes(':') && process.getBuiltinModule('node:net').isIPv6(text) ? 6 : 0;
}
