import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Endpoint, InetEndpoint, UnixEndpoint } from '../cli/endpoint.js';
import { cannotListen } from './cannot-listen.js';
import { openEach, type Sharing } from './open-each.js';
import { type OpenSocket, openTcp, openUdp, openUnix, openUnixgram } from './open-socket.js';
import { bindToPath } from './socket-file.js';
import type { SocketKind, SocketLayer } from './socket-layer.js';

/** How sockets are opened. */
export interface OpenOptions {
  readonly ipv6: 'dual' | 'only';
  readonly backlog: number;
  /** How many workers serve: each gets an IP socket of its own, and the kernel shares out the clients. */
  readonly workers: number;
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
      return openAtPath(endpoint, options, layer);
    case 'fd':
      return openInherited(Number(endpoint.fd), layer);
  }
}

function openInet(endpoint: InetEndpoint, options: OpenOptions, layer: SocketLayer): OpenSocket {
  const { host, port } = endpoint;
  const { workers, backlog } = options;
  const ipv6Only = options.ipv6 === 'only';
  if (endpoint.transport === 'tcp') {
    const listen = (sharing: Sharing) => layer.listenTcp({ host, ipv6Only, backlog, ...sharing });
    return openTcp(openEach(workers, port, listen, ({ address }) => address.port));
  }
  const bind = (sharing: Sharing) => layer.bindUdp({ host, ipv6Only, ...sharing });
  return openUdp(openEach(workers, port, bind, ({ localAddress }) => localAddress.port));
}

function openAtPath({ transport, path }: UnixEndpoint, { backlog }: OpenOptions, layer: SocketLayer): OpenSocket {
  const knock = (): void => layer.knock(transport, path);
  if (transport === 'unix') {
    const { socket, removeFile } = bindToPath(path, () => layer.listenUnix({ path, backlog }), knock);
    return openUnix(socket, removeFile);
  }
  const { socket, removeFile } = bindToPath(path, () => layer.bindUnixgram({ path }), knock);
  return openUnixgram(socket, removeFile);
}

/** The file of an inherited socket, if it has one, is its maker's. */
function openInherited(fd: number, layer: SocketLayer): OpenSocket {
  return openerOf(layer.kindOf(fd), layer)(fd);
}

function openerOf({ family, type, listening }: SocketKind, { adopt }: SocketLayer): (fd: number) => OpenSocket {
  const isInet = family === 'IPv4' || family === 'IPv6';
  const isUnix = family === 'unix';
  if (isInet && type === 'stream' && listening) {
    return (fd) => openTcp([adopt.tcp(fd)]);
  }
  if (isInet && type === 'datagram') {
    return (fd) => openUdp([adopt.udp(fd)]);
  }
  if (isUnix && type === 'stream' && listening) {
    return (fd) => openUnix(adopt.unix(fd));
  }
  if (isUnix && type === 'datagram') {
    return (fd) => openUnixgram(adopt.unixgram(fd));
  }
  throw new Error('it must be a TCP or unix stream socket that listens, a UDP socket, or a unix datagram socket');
}

/** The IP address of a host, looked up if it is a name. */
async function addressOf(host: string): Promise<string> {
  return isIP(host) === 0 ? (await lookup(host)).address : host;
}
