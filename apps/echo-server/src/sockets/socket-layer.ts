import type { InetAddress, UdpSocket as ServedUdpSocket, StreamListener, UnixgramSocket, UnixName } from '../ports.js';

/** How a TCP or UDP socket is bound. */
export interface InetOptions {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  readonly ipv6Only: boolean;
  /** Lets other sockets that say so be bound there too. */
  readonly reusePort: boolean;
}

/** A listener that knows where it is. */
export interface TcpListener extends StreamListener {
  readonly address: InetAddress;

  /** Has what it accepts send small writes at once instead of gathering them. */
  setNoDelay(noDelay: boolean): void;
}

/** A socket that can be told which of several addresses a client has asked, so that it answers from there. */
export interface UdpSocket extends ServedUdpSocket {
  setPacketInfo(packetInfo: boolean): void;
}

/** A listener at a path or an abstract name, if it has one. */
export interface UnixListener extends StreamListener {
  readonly address: UnixName | undefined;
}

/** What the kernel says of a socket. */
export interface SocketKind {
  readonly family: 'IPv4' | 'IPv6' | 'unix' | undefined;
  readonly type: 'stream' | 'datagram' | 'seqpacket' | undefined;
  readonly listening: boolean;
}

/** How sockets come about: what `openAll` needs of the operating system. Each throws system errors. */
export interface SocketLayer {
  listenTcp(options: InetOptions & { readonly backlog: number }): TcpListener;
  bindUdp(options: InetOptions): UdpSocket;
  listenUnix(options: { readonly path: string; readonly backlog: number }): UnixListener;
  bindUnixgram(options: { readonly path: string }): UnixgramSocket;

  /** Connects to a unix socket and hangs up. Throws `ECONNREFUSED` if nobody is there. */
  knock(transport: 'unix' | 'unixgram', path: string): void;

  /** Throws `EBADF`, `ENOTSOCK`. */
  kindOf(fd: number): SocketKind;
  readonly adopt: Adopt;
}

/** Makes objects of sockets that are open, and makes those non-blocking. Each object owns its fd. */
export interface Adopt {
  tcp(fd: number): TcpListener;
  udp(fd: number): UdpSocket;
  unix(fd: number): UnixListener;
  unixgram(fd: number): UnixgramSocket;
}
