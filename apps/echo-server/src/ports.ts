/** A byte stream that never blocks, as the echo needs it: a connection over TCP or a unix socket, or a fake one. */
export interface Stream {
  readonly fd: number;

  /** Reads up to `length` bytes. 0 at the end of the stream, `undefined` if it would block. */
  read(buffer: Uint8Array, offset: number, length: number): number | undefined;

  /** Writes `length` bytes from `offset` on, or fewer; returns how many. `undefined` if it would block. */
  write(buffer: Uint8Array, offset: number, length: number): number | undefined;

  /** Whether everything that was written has arrived. */
  isDelivered(): boolean;

  /** Says that nothing more will be written. */
  shutdownWrite(): void;

  close(): void;
}

/** Where streams come from, as the server needs it. */
export interface StreamListener {
  readonly fd: number;

  /** The next connection; `undefined` if it would block. Throws system errors, `EMFILE` or `ECONNABORTED` among them. */
  accept(): Stream | undefined;

  close(): void;
}

/** A message that was received. */
export interface Datagram<Peer> {
  /** How many bytes of the buffer were filled. */
  readonly length: number;
  /** Whether it was longer than the buffer. */
  readonly truncated: boolean;
  /** Who sent it; `undefined` for a sender without an address. */
  readonly from: Peer | undefined;
}

/** A socket for messages, as the server needs it: UDP, unix, or a fake one. */
export interface DatagramSocket<Peer> {
  readonly fd: number;

  /** The next message; `undefined` if it would block. */
  receiveFrom(buffer: Uint8Array): Datagram<Peer> | undefined;

  /** Sends a message, whole or not at all: `undefined` if it would block. */
  sendTo(to: Peer, buffer: Uint8Array, offset: number, length: number): number | undefined;

  close(): void;
}

/** Where an IP socket is. */
export interface InetAddress {
  readonly address: string;
  readonly port: number;
}

/** A socket of one of the kinds that a server serves on. */
export type ServerSocket =
  | { readonly transport: 'tcp' | 'unix'; readonly socket: StreamListener }
  | { readonly transport: 'udp'; readonly socket: UdpSocket }
  | { readonly transport: 'unixgram'; readonly socket: UnixgramSocket };

/** A client over UDP. */
export interface UdpPeer extends InetAddress {
  /** The address of this machine that it has asked, and hears from; `undefined` where there is but one. */
  readonly local?: string | undefined;
}

/** A UDP socket that knows where it is. */
export interface UdpSocket extends DatagramSocket<UdpPeer> {
  readonly localAddress: InetAddress;
}

/** A path or an abstract name: bytes if it is not UTF-8. */
export type UnixName = string | Uint8Array;

/** A unix datagram socket that knows its path or abstract name, if it has one. */
export interface UnixgramSocket extends DatagramSocket<UnixName> {
  readonly localAddress: UnixName | undefined;
}

/** Calls off what was to be called. A second call does nothing. */
export type CallOff = () => void;

/** What can be left to later, as the server needs it: the timers of the host, or those of a fake clock. */
export interface Timers {
  /** Calls back once. */
  after(delayMs: number, action: () => void): CallOff;

  /** Calls back again and again. */
  every(periodMs: number, action: () => void): CallOff;
}

/** What goes with a message of the log. */
export type Details = Readonly<Record<string, unknown>>;

/** Where the log goes. */
export interface Log {
  debug(message: string, details?: Details): void;
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
}
