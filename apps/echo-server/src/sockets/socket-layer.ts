import type { DatagramSocket, InetAddress, StreamListener, UdpSocket } from '../ports.js';

/** How a TCP or UDP socket is bound. */
export interface InetOptions {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  readonly ipv6Only: boolean;
}

/** A listener that knows where it is. */
export interface TcpListener extends StreamListener {
  readonly address: InetAddress;

  /** Has what it accepts send small writes at once instead of gathering them. */
  setNoDelay(noDelay: boolean): void;
}

/** How sockets come about: what `openAll` needs of the operating system. Each throws system errors. */
export interface SocketLayer {
  listenTcp(options: InetOptions & { readonly backlog: number }): TcpListener;
  bindUdp(options: InetOptions): UdpSocket;
  listenUnix(options: { readonly path: string; readonly backlog: number }): StreamListener;
  bindUnixgram(options: { readonly path: string }): DatagramSocket<string>;

  /** Connects to a unix socket and hangs up. Throws `ECONNREFUSED` if nobody is there. */
  knock(transport: 'unix' | 'unixgram', path: string): void;
}
