import { type Endpoint, formatEndpoint } from '../cli/endpoint.js';
import { ExitCode, StartError } from '../cli/start-error.js';
import { codeOf, messageOf } from '../error-facts.js';

type Advice = Readonly<Record<string, string>>;

/** What to do about the errors that people meet. */
const ANYWHERE: Advice = {
  EMFILE: 'too many open files; raise the limit with ulimit -n',
  ENFILE: 'too many open files in the whole system',
};

const INET: Advice = {
  EACCES: 'the port is reserved; choose one from 1024 on, or run with CAP_NET_BIND_SERVICE',
  EADDRINUSE: 'the port is in use; stop the server that has it, or choose another (0 takes any free one)',
  EADDRNOTAVAIL: 'this machine does not have that address; choose one of its own, or 0.0.0.0 or [::] for all',
  EAFNOSUPPORT: 'this machine does not have that kind of address',
  EAI_AGAIN: 'the name cannot be looked up now; try again, or give an IP address',
  ENOTFOUND: 'no such host; give an IP address or a known name',
};

const UNIX: Advice = {
  EACCES: 'not permitted; choose a directory that this user may write to',
  EADDRINUSE: 'somebody answers there, or it is no socket; stop the server that has it, or choose another path',
  ENOENT: 'no such directory; make it first',
  ENOTDIR: 'what should be a directory is none; choose another path',
  EROFS: 'the file system is read-only; choose another path',
};

const INHERITED: Advice = {
  EBADF: 'no such file descriptor was handed over',
  ENOTSOCK: 'it is no socket',
};

const ADVICE: Readonly<Record<Endpoint['transport'], Advice>> = {
  tcp: INET,
  udp: INET,
  unix: UNIX,
  unixgram: UNIX,
  fd: INHERITED,
};

/**
 * Why there is no listening on an endpoint, with what to do about it.
 *
 * @param url - How it is called.
 */
export function cannotListen(endpoint: Endpoint, error: unknown, url: string = formatEndpoint(endpoint)): StartError {
  const code = codeOf(error) ?? '';
  const why = ADVICE[endpoint.transport][code] ?? ANYWHERE[code] ?? messageOf(error);
  return new StartError(ExitCode.CANNOT_LISTEN, `cannot listen on ${url}: ${why}`, {
    cause: error,
  });
}
