import type * as sys from '@em/sys';
import { type Endpoint, formatEndpoint, ipVersion } from '../cli/endpoint.js';
import { cannotListen } from './cannot-listen.js';
import { adopt, type OpenedSocket, type ServerSocket, type SocketClasses } from './server-socket.js';
import { bindToPath } from './socket-file.js';

/** How sockets are opened. */
export interface OpenOptions {
  readonly ipv6: 'dual' | 'only';
  readonly backlog: number;
  /** When to probe a silent TCP client; `Infinity` for never. */
  readonly keepAliveMs: number;
  /** The number of workers. Each gets an IP socket of its own, and the kernel distributes the clients. */
  readonly workers: number;
}

/** What opens sockets: `@em/sys`. */
export type Sockets = SocketClasses & Pick<typeof sys, 'UnixStream' | 'socketKind'>;

/** A place that clients can reach, through one socket, or through one per worker. */
export interface OpenSocket {
  readonly sockets: readonly ServerSocket[];
  /** Its real address. */
  readonly url: string;
  /** Removes the file that the sockets made, if any. A second call does nothing, even if the first failed. */
  removeFile(): void;
  /** Closes the sockets. A second call does nothing. */
  close(): void;
}

/** How one of several sockets on the same port is bound. */
interface Sharing {
  readonly port: number;
  readonly reusePort: boolean;
}

type OneOrMore<S> = readonly [S, ...S[]];

/** What is bound to an endpoint. */
interface Bound {
  readonly sockets: OneOrMore<OpenedSocket>;
  readonly removeFile?: () => void;
}

/** The largest answer over a unix socket. The default buffer has room for less. */
const LARGEST_ANSWER_BYTES = 256 * 1024;
/** Room for a burst of datagrams, which would be lost otherwise. The kernel grants at most `net.core.rmem_max`. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Opens a socket for each endpoint: all of them or none.
 *
 * @throws StartError with `ExitCode.CANNOT_LISTEN` and advice. Its cause is the error.
 */
export async function openAll(
  endpoints: readonly Endpoint[],
  options: OpenOptions,
  sockets: Sockets,
): Promise<readonly OpenSocket[]> {
  const opened: OpenSocket[] = [];
  for (const endpoint of endpoints) {
    try {
      opened.push(await open(endpoint, options, sockets));
    } catch (error) {
      for (const socket of opened) {
        socket.close();
        socket.removeFile();
      }
      throw cannotListen(endpoint, error);
    }
  }
  return opened;
}

async function open(endpoint: Endpoint, options: OpenOptions, classes: Sockets): Promise<OpenSocket> {
  const { sockets, removeFile = () => undefined } = await bind(endpoint, options, classes);
  for (const socket of sockets) {
    setOptions(socket, options);
  }
  const close = (): void => {
    for (const { socket } of sockets) {
      socket.close();
    }
  };
  return { sockets, url: urlOf(sockets[0]), removeFile, close };
}

async function bind(endpoint: Endpoint, options: OpenOptions, sockets: Sockets): Promise<Bound> {
  const { TcpListener, UdpSocket, UnixListener, UnixDatagram, UnixStream } = sockets;
  const { workers, backlog } = options;
  const ipv6Only = options.ipv6 === 'only';
  const { transport } = endpoint;
  switch (transport) {
    case 'tcp': {
      const host = await addressOf(endpoint.host);
      const listen = (sharing: Sharing) => TcpListener.listen({ host, ipv6Only, backlog, ...sharing });
      const listeners = bindEach(workers, endpoint.port, listen, ({ address }) => address.port);
      return { sockets: mapEach(listeners, (socket) => ({ transport, socket })) };
    }
    case 'udp': {
      const host = await addressOf(endpoint.host);
      const bindOne = (sharing: Sharing) => UdpSocket.bind({ host, ipv6Only, ...sharing });
      const bound = bindEach(workers, endpoint.port, bindOne, ({ localAddress }) => localAddress.port);
      // Not if it is inherited: another program may receive from it later, without expecting this.
      for (const socket of bound) {
        socket.setCoalescing(true);
        socket.setReceiveBufferBytes(RECEIVE_BUFFER_BYTES);
      }
      return { sockets: mapEach(bound, (socket) => ({ transport, socket })) };
    }
    case 'unix': {
      const { path } = endpoint;
      const listen = () => UnixListener.listen({ path, backlog });
      const { socket, removeFile } = bindToPath(path, listen, () => UnixStream.connect({ path })?.close());
      return { sockets: [{ transport, socket }], removeFile };
    }
    case 'unixgram': {
      const { path } = endpoint;
      const bindOne = () => UnixDatagram.bind({ path });
      const { socket, removeFile } = bindToPath(path, bindOne, () => UnixDatagram.connect({ path }).close());
      return { sockets: [{ transport, socket }], removeFile };
    }
    case 'fd': {
      const fd = Number(endpoint.fd);
      return { sockets: [adopt(transportOf(sockets.socketKind(fd)), fd, sockets)] };
    }
  }
}

/** The kind of an inherited socket. Its file, if it has one, stays: another process made it. */
function transportOf({ family, type, listening }: sys.SocketKind): ServerSocket['transport'] {
  const isInet = family === 'IPv4' || family === 'IPv6';
  if (type === 'stream' && listening && (isInet || family === 'unix')) {
    return isInet ? 'tcp' : 'unix';
  }
  if (type === 'datagram' && (isInet || family === 'unix')) {
    return isInet ? 'udp' : 'unixgram';
  }
  throw new Error('the fd must be a listening TCP or unix stream socket, a UDP socket, or a unix datagram socket');
}

/**
 * Binds a socket for each worker, all to the same port. A single worker does not share its port.
 *
 * @param port - 0 for any free port, which all sockets then share.
 * @param portOf - Returns the real port of a socket.
 * @throws What `bindOne` throws. No socket is left open.
 */
function bindEach<S extends { close(): void }>(
  workers: number,
  port: number,
  bindOne: (sharing: Sharing) => S,
  portOf: (socket: S) => number,
): OneOrMore<S> {
  if (workers === 1) {
    return [bindOne({ port, reusePort: false })];
  }
  if (port !== 0) {
    // A server of the same user that shares this port would share it with this server, too. This call fails then.
    bindOne({ port, reusePort: false }).close();
  }
  const first = bindOne({ port, reusePort: true });
  const sockets: [S, ...S[]] = [first];
  try {
    while (sockets.length < workers) {
      sockets.push(bindOne({ port: portOf(first), reusePort: true }));
    }
  } catch (error) {
    for (const socket of sockets) {
      socket.close();
    }
    throw error;
  }
  return sockets;
}

function mapEach<S, T>([first, ...others]: OneOrMore<S>, change: (socket: S) => T): OneOrMore<T> {
  return [change(first), ...others.map(change)];
}

function setOptions({ transport, socket }: OpenedSocket, { keepAliveMs }: OpenOptions): void {
  switch (transport) {
    case 'tcp':
      socket.setNoDelay(true);
      if (keepAliveMs !== Number.POSITIVE_INFINITY) {
        socket.setKeepAlive(true, Math.ceil(keepAliveMs / 1000));
      }
      break;
    case 'udp':
    case 'unix':
      break;
    case 'unixgram':
      socket.setSendBufferBytes(LARGEST_ANSWER_BYTES);
      break;
  }
}

/** A unix socket that was never bound has no path. No client can reach it. */
function urlOf({ transport, socket }: OpenedSocket): string {
  switch (transport) {
    case 'tcp':
      return formatEndpoint({ transport, host: socket.address.address, port: socket.address.port });
    case 'udp':
      return formatEndpoint({ transport, host: socket.localAddress.address, port: socket.localAddress.port });
    case 'unix':
      return formatEndpoint({ transport, path: String(socket.address ?? '') });
    case 'unixgram':
      return formatEndpoint({ transport, path: String(socket.localAddress ?? '') });
  }
}

/** Returns the IP address of a host. Looks a name up. */
export async function addressOf(host: string): Promise<string> {
  if (ipVersion(host) !== 0) {
    return host;
  }
  const { lookup } = await import('node:dns/promises');
  return (await lookup(host)).address;
}
