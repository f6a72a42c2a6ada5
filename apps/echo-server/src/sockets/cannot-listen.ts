import { type Endpoint, formatEndpoint } from '../cli/endpoint.js';
import { codeOf, ExitCode, messageOf, StartError } from '../errors.js';

type Advice = Readonly<Record<string, string>>;

/** What to do about common errors. */
const ANYWHERE: Advice = {
  EMFILE: 'too many open files; raise the limit with ulimit -n',
  ENFILE: 'too many open files in the whole system',
};

const INET: Advice = {
  EACCES: 'the port is reserved; choose a port from 1024 on, or run with CAP_NET_BIND_SERVICE',
  EADDRINUSE: 'the port is in use; stop the server that uses it, or choose another port (0 means any free port)',
  EADDRNOTAVAIL: 'this machine does not have that address; choose one that it has, or 0.0.0.0 or [::] for all',
  EAFNOSUPPORT: 'this machine does not support that kind of address',
  EAI_AGAIN: 'the name cannot be looked up now; try again, or give an IP address',
  ENOTFOUND: 'no such host; give an IP address or a known name',
};

const UNIX: Advice = {
  EACCES: 'not permitted; choose a directory that this user can write to',
  EADDRINUSE: 'a server uses the path, or the file is not a socket; stop the server, or choose another path',
  ENOENT: 'no such directory; create it first',
  ENOTDIR: 'a part of the path is not a directory; choose another path',
  EROFS: 'the file system is read-only; choose another path',
};

const INHERITED: Advice = {
  EBADF: 'this process has not inherited that fd',
  ENOTSOCK: 'the fd is not a socket',
};

const ADVICE: Readonly<Record<Endpoint['transport'], Advice>> = {
  tcp: INET,
  udp: INET,
  unix: UNIX,
  unixgram: UNIX,
  fd: INHERITED,
};

/**
 * The error for an endpoint that cannot be opened, with advice.
 *
 * @param url - The endpoint in the message.
 */
export function cannotListen(endpoint: Endpoint, error: unknown, url: string = formatEndpoint(endpoint)): StartError {
  const code = codeOf(error) ?? '';
  const why = ADVICE[endpoint.transport][code] ?? ANYWHERE[code] ?? messageOf(error);
  return new StartError(ExitCode.CANNOT_LISTEN, `cannot listen on ${url}: ${why}`, {
    cause: error,
  });
}
