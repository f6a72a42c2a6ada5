import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Endpoint, formatEndpoint, type InetEndpoint, type UnixEndpoint } from '../cli/endpoint.js';
import type { InetAddress, ServerSocket } from '../ports.js';
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
    case 'udp':
      return openInet({ ...endpoint, host: await addressOf(endpoint.host) }, options, layer);
    case 'unix':
    case 'unixgram':
      return openUnix(endpoint, options, layer);
    default:
      throw new Error('not yet');
  }
}

function openInet({ transport, host, port }: InetEndpoint, options: OpenOptions, layer: SocketLayer): OpenSocket {
  const { backlog } = options;
  const ipv6Only = options.ipv6 === 'only';
  if (transport === 'udp') {
    const socket = layer.bindUdp({ host, port, ipv6Only });
    return opened({ transport, socket }, urlOf(transport, socket.localAddress));
  }
  const socket = layer.listenTcp({ host, port, ipv6Only, backlog });
  socket.setNoDelay(true);
  return opened({ transport, socket }, urlOf(transport, socket.address));
}

function openUnix(endpoint: UnixEndpoint, { backlog }: OpenOptions, layer: SocketLayer): OpenSocket {
  const { transport, path } = endpoint;
  const knock = (): void => layer.knock(transport, path);
  const bind = (): ServerSocket =>
    transport === 'unix'
      ? { transport, socket: layer.listenUnix({ path, backlog }) }
      : { transport, socket: layer.bindUnixgram({ path }) };
  const { socket, removeFile } = bindToPath(path, bind, knock);
  return opened(socket, formatEndpoint(endpoint), removeFile);
}

function opened(serverSocket: ServerSocket, url: string, removeFile?: () => void): OpenSocket {
  const close = (): void => {
    serverSocket.socket.close();
    removeFile?.();
  };
  return { serverSocket, url, close };
}

function urlOf(transport: InetEndpoint['transport'], { address, port }: InetAddress): string {
  return formatEndpoint({ transport, host: address, port });
}

/** The IP address of a host, looked up if it is a name. */
async function addressOf(host: string): Promise<string> {
  return isIP(host) === 0 ? (await lookup(host)).address : host;
}
