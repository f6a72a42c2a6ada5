import type { Options } from '../cli/command.js';
import type { Endpoint } from '../cli/endpoint.js';
import { ExitCode, StartError } from '../cli/start-error.js';

/** `SD_LISTEN_FDS_START` of sd-daemon.h. */
const FIRST_FD = 3;

/** A socket that a service manager has opened for this process. */
export interface Inherited {
  readonly fd: number;
  readonly name: string | undefined;
}

/**
 * The sockets that a service manager hands over, as the environment tells. What is meant for another process is none.
 *
 * @throws StartError with `ExitCode.USAGE` if the environment says nonsense.
 * @see {@link https://man7.org/linux/man-pages/man3/sd_listen_fds.3.html | sd_listen_fds(3)}
 */
export function inheritedSockets(env: Readonly<Record<string, string | undefined>>, pid: number): readonly Inherited[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES = '' } = env;
  if (LISTEN_PID !== String(pid)) {
    return [];
  }
  if (!/^\d{1,6}$/.test(LISTEN_FDS)) {
    throw new StartError(ExitCode.USAGE, `LISTEN_FDS must be a whole number, not '${LISTEN_FDS}'`);
  }
  const names = LISTEN_FDNAMES.split(':');
  return Array.from({ length: Number(LISTEN_FDS) }, (_, i) => ({ fd: FIRST_FD + i, name: names[i] || undefined }));
}

/**
 * Where to listen: on what was handed over if nobody said where, otherwise where they said.
 *
 * @throws StartError with `ExitCode.CANNOT_LISTEN` if an inherited socket is asked for by a name that none has.
 */
export function endpointsToOpen(
  { endpoints, isDefaultEndpoint }: Pick<Options, 'endpoints' | 'isDefaultEndpoint'>,
  inherited: readonly Inherited[],
): readonly Endpoint[] {
  return isDefaultEndpoint && inherited.length > 0
    ? inherited.map(toEndpoint)
    : endpoints.flatMap((endpoint) => resolveName(endpoint, inherited));
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
