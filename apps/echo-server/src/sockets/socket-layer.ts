import type {
  InetAddress,
  UdpSocket as ServedUdpSocket,
  UnixgramSocket as ServedUnixgramSocket,
  StreamListener,
  UnixName,
} from '../ports.js';

/** Options of a TCP or UDP socket. */
export interface InetOptions {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  readonly ipv6Only: boolean;
  /** Allows other sockets with this option to be bound to the same port. */
  readonly reusePort: boolean;
}

/** A TCP listener that knows its address. */
export interface TcpListener extends StreamListener {
  readonly address: InetAddress;

  /** Makes its connections send small writes at once instead of collecting them. */
  setNoDelay(noDelay: boolean): void;

  /** Makes the kernel ask the clients of its connections, after this time without a byte, whether they are there. */
  setKeepAlive(keepAlive: boolean, idleSeconds: number): void;
}

/** A UDP socket that can report which address of this machine a client asked, and answer from that address. */
export interface UdpSocket extends ServedUdpSocket {
  setPacketInfo(packetInfo: boolean): void;

  /** Receives datagrams of one client together. Returns whether the kernel can do it. */
  setCoalescing(coalescing: boolean): boolean;

  setReceiveBufferBytes(bytes: number): void;
}

/** A unix listener that knows its path or abstract name, if it has one. */
export interface UnixListener extends StreamListener {
  readonly address: UnixName | undefined;
}

/** A unix datagram socket whose longest message can be chosen. */
export interface UnixgramSocket extends ServedUnixgramSocket {
  /** The kernel doubles it, for its own records. */
  setSendBufferBytes(bytes: number): void;
}

/** What the kernel reports about a socket. */
export interface SocketKind {
  readonly family: 'IPv4' | 'IPv6' | 'unix' | undefined;
  readonly type: 'stream' | 'datagram' | 'seqpacket' | undefined;
  readonly listening: boolean;
}

/** What `openAll` needs of the operating system. Every method throws system errors. */
export interface SocketLayer {
  listenTcp(options: InetOptions & { readonly backlog: number }): TcpListener;
  bindUdp(options: InetOptions): UdpSocket;
  listenUnix(options: { readonly path: string; readonly backlog: number }): UnixListener;
  bindUnixgram(options: { readonly path: string }): UnixgramSocket;

  /** Connects to a unix socket and closes the connection. Throws `ECONNREFUSED` if no socket is bound to the path. */
  probe(transport: 'unix' | 'unixgram', path: string): void;

  /** Throws `EBADF`, `ENOTSOCK`. */
  kindOf(fd: number): SocketKind;
  readonly adopt: Adopt;
}

/** Takes over open sockets: makes them non-blocking, and returns objects that own their fds. */
export interface Adopt {
  tcp(fd: number): TcpListener;
  udp(fd: number): UdpSocket;
  unix(fd: number): UnixListener;
  unixgram(fd: number): UnixgramSocket;
}
