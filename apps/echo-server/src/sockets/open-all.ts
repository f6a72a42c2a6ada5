import { type Endpoint, formatEndpoint, type InetEndpoint, type UnixEndpoint } from '../cli/endpoint.js';
import type { InetAddress, ServerSocket, UnixName } from '../ports.js';
import { cannotListen } from './cannot-listen.js';
import { ipVersion } from './ip-version.js';
import { bindToPath } from './socket-file.js';
import type { SocketLayer, TcpListener, UdpSocket, UnixgramSocket, UnixListener } from './socket-layer.js';

/** How sockets are opened. */
export interface OpenOptions {
  readonly ipv6: 'dual' | 'only';
  readonly backlog: number;
  /** When to probe a silent TCP client; `Infinity` for never. */
  readonly keepAliveMs: number;
  /** The number of workers. Each gets an IP socket of its own, and the kernel distributes the clients. */
  readonly workers: number;
}

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
type RemoveFile = () => void;

/** The largest answer over a unix socket. The default buffer has room for less. */
const LARGEST_ANSWER_BYTES = 256 * 1024;
/** Room for a burst of datagrams, which would be lost otherwise. The kernel grants at most `net.core.rmem_max`. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const ALL_ADDRESSES: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Opens a socket for each endpoint: all of them or none.
 *
 * @throws StartError with `ExitCode.CANNOT_LISTEN` and advice. Its cause is the error.
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
        socket.removeFile();
      }
      throw cannotListen(endpoint, error);
    }
  }
  return opened;
}

async function open(endpoint: Endpoint, options: OpenOptions, layer: SocketLayer): Promise<OpenSocket> {
  const { workers, backlog } = options;
  const ipv6Only = options.ipv6 === 'only';
  switch (endpoint.transport) {
    case 'tcp': {
      const host = await addressOf(endpoint.host);
      const listen = (sharing: Sharing) => layer.listenTcp({ host, ipv6Only, backlog, ...sharing });
      return openedTcp(
        openEach(workers, endpoint.port, listen, ({ address }) => address.port),
        options,
      );
    }
    case 'udp': {
      const host = await addressOf(endpoint.host);
      const bind = (sharing: Sharing) => layer.bindUdp({ host, ipv6Only, ...sharing });
      const sockets = openEach(workers, endpoint.port, bind, ({ localAddress }) => localAddress.port);
      // Not if it is inherited: another program may receive from it later, without expecting this.
      for (const socket of sockets) {
        socket.setCoalescing(true);
        socket.setReceiveBufferBytes(RECEIVE_BUFFER_BYTES);
      }
      return openedUdp(sockets);
    }
    case 'unix': {
      const { path } = endpoint;
      const listen = () => layer.listenUnix({ path, backlog });
      const { socket, removeFile } = bindToPath(path, listen, () => layer.probe('unix', path));
      return openedUnix(socket, removeFile);
    }
    case 'unixgram': {
      const { path } = endpoint;
      const bind = () => layer.bindUnixgram({ path });
      const { socket, removeFile } = bindToPath(path, bind, () => layer.probe('unixgram', path));
      return openedUnixgram(socket, removeFile);
    }
    case 'fd':
      return openInherited(Number(endpoint.fd), options, layer);
  }
}

/** Takes over an inherited socket. Its file, if it has one, stays: another process made it. */
function openInherited(fd: number, options: OpenOptions, layer: SocketLayer): OpenSocket {
  const { adopt } = layer;
  const { family, type, listening } = layer.kindOf(fd);
  const isInet = family === 'IPv4' || family === 'IPv6';
  const isUnix = family === 'unix';
  if (isInet && type === 'stream' && listening) {
    return openedTcp([adopt.tcp(fd)], options);
  }
  if (isInet && type === 'datagram') {
    return openedUdp([adopt.udp(fd)]);
  }
  if (isUnix && type === 'stream' && listening) {
    return openedUnix(adopt.unix(fd));
  }
  if (isUnix && type === 'datagram') {
    return openedUnixgram(adopt.unixgram(fd));
  }
  throw new Error('the fd must be a listening TCP or unix stream socket, a UDP socket, or a unix datagram socket');
}

/**
 * Opens a socket for each worker, all on the same port. A single worker does not share its port.
 *
 * @param port - 0 for any free port, which all sockets then share.
 * @param portOf - Returns the real port of a socket.
 * @throws What `open` throws. No socket is left open.
 */
function openEach<S extends { close(): void }>(
  workers: number,
  port: number,
  open: (sharing: Sharing) => S,
  portOf: (socket: S) => number,
): OneOrMore<S> {
  if (workers === 1) {
    return [open({ port, reusePort: false })];
  }
  if (port !== 0) {
    // A server of the same user that shares this port would share it with this server, too. This call fails then.
    open({ port, reusePort: false }).close();
  }
  const first = open({ port, reusePort: true });
  const sockets: [S, ...S[]] = [first];
  try {
    while (sockets.length < workers) {
      sockets.push(open({ port: portOf(first), reusePort: true }));
    }
  } catch (error) {
    for (const socket of sockets) {
      socket.close();
    }
    throw error;
  }
  return sockets;
}

function openedTcp(listeners: OneOrMore<TcpListener>, { keepAliveMs }: OpenOptions): OpenSocket {
  for (const listener of listeners) {
    listener.setNoDelay(true);
    if (keepAliveMs !== Number.POSITIVE_INFINITY) {
      listener.setKeepAlive(true, Math.ceil(keepAliveMs / 1000));
    }
  }
  const url = inetUrl('tcp', listeners[0].address);
  return opened(
    listeners.map((socket) => ({ transport: 'tcp', socket })),
    url,
  );
}

function openedUdp(sockets: OneOrMore<UdpSocket>): OpenSocket {
  for (const socket of sockets) {
    // The answer must come from the address that the client asked, or the client ignores it.
    if (ALL_ADDRESSES.has(socket.localAddress.address)) {
      socket.setPacketInfo(true);
    }
  }
  const url = inetUrl('udp', sockets[0].localAddress);
  return opened(
    sockets.map((socket) => ({ transport: 'udp', socket })),
    url,
  );
}

function openedUnix(socket: UnixListener, removeFile?: RemoveFile): OpenSocket {
  return opened([{ transport: 'unix', socket }], unixUrl('unix', socket.address), removeFile);
}

function openedUnixgram(socket: UnixgramSocket, removeFile?: RemoveFile): OpenSocket {
  socket.setSendBufferBytes(LARGEST_ANSWER_BYTES);
  return opened([{ transport: 'unixgram', socket }], unixUrl('unixgram', socket.localAddress), removeFile);
}

function opened(sockets: readonly ServerSocket[], url: string, removeFile: RemoveFile = () => undefined): OpenSocket {
  const close = (): void => {
    for (const { socket } of sockets) {
      socket.close();
    }
  };
  return { sockets, url, close, removeFile };
}

function inetUrl(transport: InetEndpoint['transport'], { address, port }: InetAddress): string {
  return formatEndpoint({ transport, host: address, port });
}

/** A unix socket that was never bound has no path. No client can reach it. */
function unixUrl(transport: UnixEndpoint['transport'], path: UnixName = ''): string {
  return formatEndpoint({ transport, path: typeof path === 'string' ? path : Buffer.from(path).toString() });
}

/** Returns the IP address of a host. Looks a name up. */
export async function addressOf(host: string): Promise<string> {
  if (ipVersion(host) !== 0) {
    return host;
  }
  const { lookup } = await import('node:dns/promises');
  return (await lookup(host)).address;
}
