import type * as sys from '@em/sys';

/** A connection over TCP or a unix socket. */
export type Stream = Pick<sys.TcpStream, 'fd' | 'read' | 'write' | 'undeliveredBytes' | 'shutdownWrite' | 'close'>;

/** Accepts connections. */
export interface Listener extends Pick<sys.TcpListener, 'fd' | 'close'> {
  /** Returns the next connection, or `undefined` if it would block. */
  accept(): Stream | undefined;
}

/** A UDP socket. */
export type Udp = Pick<
  sys.UdpSocket,
  'fd' | 'localAddress' | 'receiveMany' | 'sendMany' | 'sendTo' | 'setPacketInfo' | 'close'
>;

/** A unix datagram socket. */
export type Unixgram = Pick<sys.UnixDatagram, Exclude<keyof Udp, 'setPacketInfo'>>;

/** A socket of a kind that the server can serve. */
export type ServerSocket =
  | { readonly transport: 'tcp' | 'unix'; readonly socket: Listener }
  | { readonly transport: 'udp'; readonly socket: Udp }
  | { readonly transport: 'unixgram'; readonly socket: Unixgram };

/** A socket as it was opened, so that its options can be set. */
export type OpenedSocket =
  | { readonly transport: 'tcp'; readonly socket: sys.TcpListener }
  | { readonly transport: 'udp'; readonly socket: sys.UdpSocket }
  | { readonly transport: 'unix'; readonly socket: sys.UnixListener }
  | { readonly transport: 'unixgram'; readonly socket: sys.UnixDatagram };

/** The classes that open sockets for a server. */
export type SocketClasses = Pick<typeof sys, 'TcpListener' | 'UdpSocket' | 'UnixListener' | 'UnixDatagram'>;

/** Takes over an open socket of this kind: makes it non-blocking, and returns an object that owns its fd. */
export function adopt(
  transport: ServerSocket['transport'],
  fd: number,
  { TcpListener, UdpSocket, UnixListener, UnixDatagram }: SocketClasses,
): OpenedSocket {
  switch (transport) {
    case 'tcp':
      return { transport, socket: TcpListener.adopt(fd) };
    case 'udp':
      return { transport, socket: UdpSocket.adopt(fd) };
    case 'unix':
      return { transport, socket: UnixListener.adopt(fd) };
    case 'unixgram':
      return { transport, socket: UnixDatagram.adopt(fd) };
  }
}
