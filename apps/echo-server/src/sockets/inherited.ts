import type { Options } from '../cli/command.js';
import { type Endpoint, formatEndpoint } from '../cli/endpoint.js';
import { ExitCode, StartError } from '../errors.js';

/** `SD_LISTEN_FDS_START` of sd-daemon.h. */
const FIRST_FD = 3;

/** A socket that the service manager opened for this process. */
export interface Inherited {
  readonly fd: number;
  readonly name: string | undefined;
}

/**
 * Returns the sockets that the service manager passes to this process, according to the environment.
 *
 * @throws StartError with `ExitCode.USAGE` if `LISTEN_FDS` is not a number.
 * @see {@link https://man7.org/linux/man-pages/man3/sd_listen_fds.3.html | sd_listen_fds(3)}
 */
export function inheritedSockets(env: Readonly<Record<string, string | undefined>>, pid: number): readonly Inherited[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES = '' } = env;
  if (LISTEN_PID !== String(pid)) {
    return [];
  }
  if (!/^\d{1,6}$/.test(LISTEN_FDS)) {
    throw new StartError(ExitCode.USAGE, `LISTEN_FDS must be an integer, not '${LISTEN_FDS}'`);
  }
  const names = LISTEN_FDNAMES.split(':');
  return Array.from({ length: Number(LISTEN_FDS) }, (_, i) => ({ fd: FIRST_FD + i, name: names[i] || undefined }));
}

/**
 * Returns where to listen: the endpoints of the command line, or else the inherited sockets, or else the default.
 *
 * @throws StartError with `ExitCode.CANNOT_LISTEN` if no inherited socket has a requested name; with `ExitCode.USAGE` if
 * two endpoints are the same inherited socket.
 */
export function endpointsToOpen(
  { endpoints, isDefaultEndpoint }: Pick<Options, 'endpoints' | 'isDefaultEndpoint'>,
  inherited: readonly Inherited[],
): readonly Endpoint[] {
  if (isDefaultEndpoint && inherited.length > 0) {
    return inherited.map(toEndpoint);
  }
  const urls = new Map<number | string, string>();
  return endpoints.flatMap((endpoint) => {
    const resolved = resolveName(endpoint, inherited);
    for (const place of resolved) {
      if (place.transport === 'fd') {
        refuseTwice(urls, place.fd, formatEndpoint(endpoint));
      }
    }
    return resolved;
  });
}

function refuseTwice(urls: Map<number | string, string>, fd: number | string, url: string): void {
  const former = urls.get(fd);
  if (former !== undefined) {
    throw new StartError(ExitCode.USAGE, `'${former}' and '${url}' are the same socket; give only one of them`);
  }
  urls.set(fd, url);
}

function resolveName(endpoint: Endpoint, inherited: readonly Inherited[]): readonly Endpoint[] {
  if (endpoint.transport !== 'fd' || typeof endpoint.fd === 'number') {
    return [endpoint];
  }
  const named = inherited.filter(({ name }) => name === endpoint.fd);
  if (named.length === 0) {
    const message = `cannot listen on fd:${endpoint.fd}: no inherited socket has that name in LISTEN_FDNAMES`;
    throw new StartError(ExitCode.CANNOT_LISTEN, message);
  }
  return named.map(toEndpoint);
}

function toEndpoint({ fd }: Inherited): Endpoint {
  return { transport: 'fd', fd };
}
