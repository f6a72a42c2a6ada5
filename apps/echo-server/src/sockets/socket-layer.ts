import type { StreamListener } from '../ports.js';

/** How a TCP socket or a UDP socket is bound. */
export interface InetOptions {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  readonly ipv6Only: boolean;
}

/** Where an IP socket is. */
export interface InetAddress {
  readonly address: string;
  readonly port: number;
}

/** A listener that knows where it is. */
export interface TcpListener extends StreamListener {
  readonly address: InetAddress;

  /** Has what it accepts send small writes at once instead of gathering them. */
  setNoDelay(noDelay: boolean): void;
}

/** How sockets come about: what {@link openAll} needs of the operating system. Each throws system errors. */
export interface SocketLayer {
  listenTcp(options: InetOptions & { readonly backlog: number }): TcpListener;

  listenUnix(options: { readonly path: string; readonly backlog: number }): StreamListener;

  /** Connects to a unix socket and hangs up. Throws `ECONNREFUSED` if nobody is there. */
  knock(transport: 'unix' | 'unixgram', path: string): void;
}
