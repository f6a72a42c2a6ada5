import { formatEndpoint, type InetEndpoint, type UnixEndpoint } from '../cli/endpoint.js';
import type { InetAddress, ServerSocket, UnixgramSocket, UnixName } from '../ports.js';
import type { TcpListener, UdpSocket, UnixListener } from './socket-layer.js';

/** A place that clients can reach, by one socket, or by one for each worker. */
export interface OpenSocket {
  readonly sockets: readonly ServerSocket[];
  /** Where it really is. */
  readonly url: string;
  /** Closes it, and removes its file if it has made one. A second call does nothing. */
  close(): void;
}

type OneOrMore<S> = readonly [S, ...S[]];
type RemoveFile = () => void;

const ALL_ADDRESSES: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** What it accepts sends small writes at once. */
export function openTcp(listeners: OneOrMore<TcpListener>): OpenSocket {
  for (const listener of listeners) {
    listener.setNoDelay(true);
  }
  const url = inetUrl('tcp', listeners[0].address);
  return opened(
    listeners.map((socket) => ({ transport: 'tcp', socket })),
    url,
  );
}

/** At all addresses of this machine it answers from the one that was asked: clients take no answer from another. */
export function openUdp(sockets: OneOrMore<UdpSocket>): OpenSocket {
  for (const socket of sockets) {
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

export function openUnix(socket: UnixListener, removeFile?: RemoveFile): OpenSocket {
  return opened([{ transport: 'unix', socket }], unixUrl('unix', socket.address), removeFile);
}

export function openUnixgram(socket: UnixgramSocket, removeFile?: RemoveFile): OpenSocket {
  return opened([{ transport: 'unixgram', socket }], unixUrl('unixgram', socket.localAddress), removeFile);
}

function opened(sockets: readonly ServerSocket[], url: string, removeFile?: RemoveFile): OpenSocket {
  const close = (): void => {
    for (const { socket } of sockets) {
      socket.close();
    }
    removeFile?.();
  };
  return { sockets, url, close };
}

function inetUrl(transport: InetEndpoint['transport'], { address, port }: InetAddress): string {
  return formatEndpoint({ transport, host: address, port });
}

/** A unix socket that was never bound has no path, and nobody can reach it. */
function unixUrl(transport: UnixEndpoint['transport'], path: UnixName = ''): string {
  return formatEndpoint({ transport, path: typeof path === 'string' ? path : Buffer.from(path).toString() });
}
