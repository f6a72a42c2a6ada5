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

/** Room for many messages, each with its peer: the sender of a received message, who gets it back when it is sent. */
export interface DatagramBatch<Peer> {
  /** The number of messages that have room. */
  readonly capacity: number;
  readonly bytes: Uint8Array;

  /** Where a message begins in the bytes. */
  offsetAt(index: number): number;

  lengthAt(index: number): number;

  /** Keeps only the first bytes of a message. */
  setLengthAt(index: number, length: number): void;

  /** Whether the message was longer than its room. */
  truncatedAt(index: number): boolean;

  /** Returns the peer; `undefined` if it has no address. */
  peerAt(index: number): Peer | undefined;
}

/** A batch of UDP datagrams. */
export interface UdpBatch extends DatagramBatch<UdpPeer> {
  /** The size of the datagrams that the message consists of, except for the last one; 0 if it is one datagram. */
  segmentBytesAt(index: number): number;

  portAt(index: number): number;

  /** Copies the address of the peer, and returns its size: 4 for IPv4, or 16 for IPv6. */
  copyAddressAt(index: number, into: Uint8Array): number;
}

/** Makes batches. */
export interface BatchFactory {
  udp(options: BatchOptions): UdpBatch;
  unixgram(options: BatchOptions): DatagramBatch<UnixName>;
}

/** The size of a batch. */
export interface BatchOptions {
  readonly capacity: number;
  /** The room of each message. */
  readonly bytesPerDatagram: number;
}

/** A socket for messages: UDP, unix, or a fake. */
export interface DatagramSocket<Peer, Batch> {
  readonly fd: number;

  /** Receives at most `count` messages. Returns their number, or `undefined` if it would block. */
  receiveMany(batch: Batch, count: number): number | undefined;

  /** Sends messages. Returns how many it has sent, or `undefined` if the first would block. Throws the error of the first. */
  sendMany(batch: Batch, count: number, start: number): number | undefined;

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
export interface UdpSocket extends DatagramSocket<UdpPeer, UdpBatch> {
  readonly localAddress: InetAddress;
}

/** A path or an abstract name: bytes if it is not UTF-8. */
export type UnixName = string | Uint8Array;

/** A unix datagram socket that knows its path or abstract name, if it has one. */
export interface UnixgramSocket extends DatagramSocket<UnixName, DatagramBatch<UnixName>> {
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
