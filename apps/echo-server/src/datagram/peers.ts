import type {
  DatagramBatch,
  DatagramBatchOptions,
  UdpBatch,
  UdpPeer,
  UdpSocket,
  UnixDatagramBatch,
  UnixName,
} from '@em/sys';

/** A batch whose messages have peers of this type. */
export type PeerBatch<Peer> = Pick<DatagramBatch, keyof DatagramBatch> & { peerAt(index: number): Peer | undefined };

/** What a UDP socket and a unix datagram socket have in common. */
export interface DatagramSocket<Peer, Batch> extends Pick<UdpSocket, 'fd' | 'close'> {
  receiveMany(batch: Batch, count: number): number | undefined;
  sendMany(batch: Batch, count: number, start: number): number | undefined;
  sendTo(to: Peer, buffer: Uint8Array, offset: number, length: number): number | undefined;
}

/** What the server does with the clients of a datagram socket. */
export interface Peers<Peer, Batch> {
  /** Whether the socket reports OUT when a message that would have blocked can be sent. */
  readonly reportsRoom: boolean;

  /** Returns a number for the client that sent a message, or -1 if the server does not answer it. Others may share it. */
  sourceAt(batch: Batch, index: number, seed: number): number;

  /** The size of the datagrams that a message consists of, except for the last one; 0 if it is one datagram. */
  segmentBytesAt(batch: Batch, index: number): number;

  /** Returns a key that distinguishes a client from the others. */
  keyOf(peer: Peer): string;
}

/** The length field of UDP has 16 bits. */
export const UDP_BATCH: Required<DatagramBatchOptions> = { capacity: 64, bytesPerDatagram: 64 * 1024 };
/** The room is more than fits into the send buffer of a unix socket: 212,992 bytes by default. */
export const UNIX_BATCH: Required<DatagramBatchOptions> = { capacity: 64, bytesPerDatagram: 256 * 1024 };
/** Lower ports are those of services, such as echo, chargen, DNS and NTP. */
const FIRST_CLIENT_PORT = 1024;

const IPV6_BYTES = 16;
/** `::ffff:0:0/96`: how an IPv6 socket writes an IPv4 address. */
const MAPPED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
/** 224.0.0.0. The addresses above are multicast, reserved, or broadcast. */
const FIRST_MULTICAST = 224;
const UNKNOWN = -1;

/**
 * The clients of a UDP socket. A forged sender can start an endless echo between two sockets, which RFC 862 does not
 * prevent. So the server never answers:
 *
 * - service ports: an answer could start an endless echo between two servers;
 * - every port that this server serves, at any address, because it cannot know all addresses of this machine;
 * - addresses that are not those of one host.
 *
 * It never answers what was sent to a group or a broadcast address either: one forged datagram could bring a victim the answers of
 * many servers.
 *
 * @param ownPorts - The ports of all UDP sockets of this server.
 * @param hasPacketInfo - Whether the socket reports the address of this machine that a datagram was sent to.
 */
export function udpPeers(ownPorts: ReadonlySet<number>, hasPacketInfo: boolean): Peers<UdpPeer, UdpBatch> {
  const address = new Uint8Array(IPV6_BYTES);
  return {
    reportsRoom: true,
    sourceAt: (batch, index, seed) => {
      const port = batch.portAt(index);
      const size = batch.copyAddressAt(index, address);
      const isClient = port >= FIRST_CLIENT_PORT && !ownPorts.has(port) && isOneHost(address, size);
      const isForMany = hasPacketInfo && !batch.hasLocalAt(index);
      return isClient && !isForMany ? hashBytes(seed ^ port, address, size) : UNKNOWN;
    },
    segmentBytesAt: (batch, index) => batch.segmentBytesAt(index),
    keyOf: ({ address, port, local = '' }) => `${address} ${port} ${local}`,
  };
}

/**
 * The clients of a unix datagram socket. A send blocks if the queue of the client is full, and no event reports that it
 * has room again.
 *
 * The kernel reports the name that the sender was bound to. So a message of this server itself has a name of this server,
 * even if a client has replaced its own socket file by a link to that of the server.
 *
 * @param ownNames - The paths and abstract names of all unix datagram sockets of this server, each by its `keyOfName`.
 */
export function unixPeers(ownNames: ReadonlySet<string>): Peers<UnixName, UnixDatagramBatch> {
  return {
    reportsRoom: false,
    sourceAt: (batch, index, seed) => {
      const name = batch.peerAt(index);
      const key = name === undefined ? undefined : keyOfName(name);
      return key === undefined || ownNames.has(key) ? UNKNOWN : hashText(seed, key);
    },
    segmentBytesAt: () => 0,
    keyOf: keyOfName,
  };
}

/**
 * Whether an address is that of one host. Multicast, reserved and broadcast addresses of IPv4, "this network", and
 * multicast addresses of IPv6 are not.
 */
function isOneHost(address: Uint8Array, size: number): boolean {
  const isIpv6 = size === IPV6_BYTES && !MAPPED.every((byte, at) => address[at] === byte);
  const first = address[size === IPV6_BYTES && !isIpv6 ? MAPPED.length : 0] ?? 0;
  return isIpv6 ? first !== 0xff : first !== 0 && first < FIRST_MULTICAST;
}

/** Returns a key for a name. That of a name that is not UTF-8 begins with a lone surrogate, which no text has. */
export function keyOfName(name: UnixName): string {
  return typeof name === 'string' ? name : `\ud800${Buffer.from(name).toString('latin1')}`;
}

const PRIME = 0x0100_0193;

/** Hashes bytes with FNV-1a. Returns an unsigned number of 32 bits. */
function hashBytes(seed: number, bytes: Uint8Array, length: number): number {
  let hash = seed;
  for (let i = 0; i < length; i++) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), PRIME);
  }
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The same for a text. */
function hashText(seed: number, text: string): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  }
  return (hash ^ (hash >>> 16)) >>> 0;
}
