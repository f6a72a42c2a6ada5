import { formatEndpoint, type InetEndpoint, type UnixEndpoint } from '../cli/endpoint.js';
import type { InetAddress, ServerSocket, UdpSocket } from '../ports.js';
import type { TcpListener, UnixDatagram, UnixListener } from './socket-layer.js';

/** A place that clients can reach. */
export interface OpenSocket {
  readonly serverSocket: ServerSocket;
  /** Where it really is. */
  readonly url: string;
  /** Closes it, and removes its file if it has made one. A second call does nothing. */
  close(): void;
}

type RemoveFile = () => void;

/** What it accepts sends small writes at once. */
export function openTcp(socket: TcpListener): OpenSocket {
  socket.setNoDelay(true);
  return opened({ transport: 'tcp', socket }, inetUrl('tcp', socket.address));
}

export function openUdp(socket: UdpSocket): OpenSocket {
  return opened({ transport: 'udp', socket }, inetUrl('udp', socket.localAddress));
}

export function openUnix(socket: UnixListener, removeFile?: RemoveFile): OpenSocket {
  return opened({ transport: 'unix', socket }, unixUrl('unix', socket.address), removeFile);
}

export function openUnixgram(socket: UnixDatagram, removeFile?: RemoveFile): OpenSocket {
  return opened({ transport: 'unixgram', socket }, unixUrl('unixgram', socket.localAddress), removeFile);
}

function opened(serverSocket: ServerSocket, url: string, removeFile?: RemoveFile): OpenSocket {
  const close = (): void => {
    serverSocket.socket.close();
    removeFile?.();
  };
  return { serverSocket, url, close };
}

function inetUrl(transport: InetEndpoint['transport'], { address, port }: InetAddress): string {
  return formatEndpoint({ transport, host: address, port });
}

/** A unix socket that was never bound has no path, and nobody can reach it. */
function unixUrl(transport: UnixEndpoint['transport'], path: string | undefined): string {
  return formatEndpoint({ transport, path: path ?? '' });
}
