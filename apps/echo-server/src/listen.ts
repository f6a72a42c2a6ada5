import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Options } from './options.js';
import type { Listener } from './ports.js';
import { ExitCode, StartError } from './start-error.js';

/** A listener that knows where it listens. */
export interface BoundListener extends Listener {
  readonly address: { readonly address: string; readonly port: number };
}

/** What to do about the errors that people meet. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'the port is reserved; choose one from 1024 on with --port, or run with CAP_NET_BIND_SERVICE',
  EADDRINUSE: 'the port is in use; stop the server that has it, or choose another with --port (0 takes any free one)',
  EADDRNOTAVAIL: 'this machine does not have that address; choose one of its own with --host, or 0.0.0.0 for all',
  EAI_AGAIN: 'the name cannot be looked up now; try again, or give an IP address with --host',
  ENOTFOUND: 'no such host; give an IP address or a known name with --host',
};

/**
 * Opens the listener, looking the host up if it is a name.
 *
 * @param bind - Opens it at an IP address.
 * @throws StartError with `ExitCode.CANNOT_LISTEN` and advice, caused by the error of the lookup or of `bind`.
 */
export async function listen<L extends BoundListener>(options: Options, bind: (options: Options) => L): Promise<L> {
  const { host, port } = options;
  try {
    return bind({ host: isIP(host) === 0 ? (await lookup(host)).address : host, port });
  } catch (error) {
    throw cannotListen(options, error);
  }
}

/** The URL of an address: IPv6 stands in brackets. */
export function tcpUrl(host: string, port: number): string {
  return `tcp://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function cannotListen({ host, port }: Options, error: unknown): StartError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = ADVICE[code ?? ''] ?? message;
  return new StartError(ExitCode.CANNOT_LISTEN, `cannot listen on ${tcpUrl(host, port)}: ${why}`, { cause: error });
}
