/** A byte stream that never blocks: a connection over TCP or a unix socket, or a fake. */
export interface Stream {
  readonly fd: number;

  /** Reads at most `length` bytes. Returns 0 at the end of the stream, `undefined` if it would block. */
  read(buffer: Uint8Array, offset: number, length: number): number | undefined;

  /** Writes at most `length` bytes. Returns their number, or `undefined` if it would block. */
  write(buffer: Uint8Array, offset: number, length: number): number | undefined;

  /** The memory that written bytes use until the peer has received them; 0 if it has received everything. */
  undeliveredBytes(): number;

  /** Ends writing. The peer can read to the end of the stream. */
  shutdownWrite(): void;

  close(): void;
}

/** Accepts streams. */
export interface StreamListener {
  readonly fd: number;

  /** Returns the next connection, or `undefined` if it would block. Throws system errors, such as `EMFILE`. */
  accept(): Stream | undefined;

  close(): void;
}

/** A received message. */
export interface Datagram<Peer> {
  /** The number of bytes in the buffer. */
  readonly length: number;
  /** Whether the message was longer than the buffer. */
  readonly truncated: boolean;
  /** The sender; `undefined` if it has no address. */
  readonly from: Peer | undefined;
}

/** A socket for messages: UDP, unix, or a fake. */
export interface DatagramSocket<Peer> {
  readonly fd: number;

  /** Returns the next message, or `undefined` if it would block. */
  receiveFrom(buffer: Uint8Array): Datagram<Peer> | undefined;

  /** Sends a whole message. Returns `undefined` if it would block. */
  sendTo(to: Peer, buffer: Uint8Array, offset: number, length: number): number | undefined;

  close(): void;
}

/** The address of an IP socket. */
export interface InetAddress {
  readonly address: string;
  readonly port: number;
}

/** A socket of a kind that the server can serve. */
export type ServerSocket =
  | { readonly transport: 'tcp' | 'unix'; readonly socket: StreamListener }
  | { readonly transport: 'udp'; readonly socket: UdpSocket }
  | { readonly transport: 'unixgram'; readonly socket: UnixgramSocket };

/** A client over UDP. */
export interface UdpPeer extends InetAddress {
  /** The address of this machine that the client asked, and that answers; `undefined` if there is only one. */
  readonly local?: string | undefined;
}

/** A UDP socket that knows its address. */
export interface UdpSocket extends DatagramSocket<UdpPeer> {
  readonly localAddress: InetAddress;
}

/** A path or an abstract name: bytes if it is not UTF-8. */
export type UnixName = string | Uint8Array;

/** A unix datagram socket that knows its path or abstract name, if it has one. */
export interface UnixgramSocket extends DatagramSocket<UnixName> {
  readonly localAddress: UnixName | undefined;
}

/** Cancels a timer. A second call does nothing. */
export type Cancel = () => void;

/** The timers of the event loop, or of a fake clock. */
export interface Timers {
  /** Calls `action` once. */
  after(delayMs: number, action: () => void): Cancel;

  /** Calls `action` repeatedly. */
  every(periodMs: number, action: () => void): Cancel;
}

/** The details of a log message. */
export type Details = Readonly<Record<string, unknown>>;

/** The log. */
export interface Log {
  debug(message: string, details?: Details): void;
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
}
