import type { UdpPeer, UnixName } from '../ports.js';

/** The properties of the clients of a datagram socket. */
export interface Peers<Peer> {
  /** The size of the largest message that is received completely. */
  readonly maxBytes: number;
  /** Whether the socket reports OUT when a message that would have blocked can be sent. */
  readonly reportsRoom: boolean;
  /** Returns a key that distinguishes a client from the others. */
  keyOf(peer: Peer): string;
  /** Whether the server answers this peer. */
  isClient(peer: Peer): boolean;
}

/** The length field of UDP has 16 bits. */
const UDP_BYTES = 64 * 1024;
/** More than fits into the send buffer of a unix socket: 212,992 bytes by default. */
const UNIX_BYTES = 256 * 1024;
/** Lower ports are those of services, such as echo, chargen, DNS and NTP. */
const FIRST_CLIENT_PORT = 1024;

/** Multicast, reserved and broadcast addresses of IPv4, "this network", and multicast addresses of IPv6. */
const NOT_ONE_HOST = /^(?:(?:::ffff:)?(?:22[4-9]|2[345]\d|0)\.|ff)/i;

/**
 * The clients of a UDP socket. A forged sender can start an endless echo between two sockets, which RFC 862 does not
 * prevent. So the server never answers:
 *
 * - service ports: an answer could start an endless echo between two servers;
 * - every port that this server serves, at any address, because it cannot know all addresses of this machine;
 * - addresses that are not those of one host.
 *
 * @param ownPorts - The ports of all UDP sockets of this server.
 */
export function udpPeers(ownPorts: ReadonlySet<number>): Peers<UdpPeer> {
  return {
    maxBytes: UDP_BYTES,
    reportsRoom: true,
    keyOf: ({ address, port, local = '' }) => `${address} ${port} ${local}`,
    isClient: ({ address, port }) => port >= FIRST_CLIENT_PORT && !ownPorts.has(port) && !NOT_ONE_HOST.test(address),
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
export function unixPeers(ownNames: ReadonlySet<string>): Peers<UnixName> {
  return {
    maxBytes: UNIX_BYTES,
    reportsRoom: false,
    keyOf: keyOfName,
    isClient: (name) => !ownNames.has(keyOfName(name)),
  };
}

/** Returns a key for a name. That of a name that is not UTF-8 begins with a lone surrogate, which no text has. */
export function keyOfName(name: UnixName): string {
  return typeof name === 'string' ? name : `\ud800${Buffer.from(name).toString('latin1')}`;
}
