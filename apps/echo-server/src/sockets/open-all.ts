import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Endpoint, formatEndpoint, type InetEndpoint, type UnixEndpoint } from '../cli/endpoint.js';
import type { ServerSocket } from '../ports.js';
import { cannotListen } from './cannot-listen.js';
import { bindToPath } from './socket-file.js';
import type { SocketLayer } from './socket-layer.js';

/** How sockets are opened. */
export interface OpenOptions {
  readonly ipv6: 'dual' | 'only';
  readonly backlog: number;
}

/** A socket that clients can reach. */
export interface OpenSocket {
  readonly serverSocket: ServerSocket;
  /** Where it really is. */
  readonly url: string;
  /** Closes it, and removes its file if it has one. A second call does nothing. */
  close(): void;
}

/**
 * Opens a socket for each endpoint: all of them or none.
 *
 * @throws StartError with `ExitCode.CANNOT_LISTEN` and advice, caused by the error.
 */
export async function openAll(
  endpoints: readonly Endpoint[],
  options: OpenOptions,
  layer: SocketLayer,
): Promise<readonly OpenSocket[]> {
  const opened: OpenSocket[] = [];
  for (const endpoint of endpoints) {
    try {
      opened.push(await open(endpoint, options, layer));
    } catch (error) {
      for (const socket of opened) {
        socket.close();
      }
      throw cannotListen(endpoint, error);
    }
  }
  return opened;
}

async function open(endpoint: Endpoint, options: OpenOptions, layer: SocketLayer): Promise<OpenSocket> {
  switch (endpoint.transport) {
    case 'tcp':
      return openTcp({ ...endpoint, host: await addressOf(endpoint.host) }, options, layer);
    case 'unix':
      return openUnix(endpoint, options, layer);
    default:
      throw new Error('not yet');
  }
}

function openTcp({ host, port }: InetEndpoint, { ipv6, backlog }: OpenOptions, layer: SocketLayer): OpenSocket {
  const socket = layer.listenTcp({ host, port, backlog, ipv6Only: ipv6 === 'only' });
  socket.setNoDelay(true);
  const { address } = socket;
  const url = formatEndpoint({ transport: 'tcp', host: address.address, port: address.port });
  return { serverSocket: { transport: 'tcp', socket }, url, close: () => socket.close() };
}

function openUnix(endpoint: UnixEndpoint, { backlog }: OpenOptions, layer: SocketLayer): OpenSocket {
  const { path } = endpoint;
  const { socket, removeFile } = bindToPath(
    path,
    () => layer.listenUnix({ path, backlog }),
    () => layer.knock('unix', path),
  );
  const close = (): void => {
    socket.close();
    removeFile();
  };
  return { serverSocket: { transport: 'unix', socket }, url: formatEndpoint(endpoint), close };
}

/** The IP address of a host, looked up if it is a name. */
async function addressOf(host: string): Promise<string> {
  return isIP(host) === 0 ? (await lookup(host)).address : host;
}
