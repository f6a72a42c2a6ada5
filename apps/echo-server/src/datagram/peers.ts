import type { UdpPeer, UnixName } from '../ports.js';

/** What there is to know about the clients of a datagram socket. */
export interface Peers<Peer> {
  /** The largest message that is received whole. */
  readonly maxBytes: number;
  /** Whether the socket reports OUT when there is room again for a message that would have blocked. */
  readonly tellsRoom: boolean;
  /** What tells a client from the others. */
  keyOf(peer: Peer): string;
  /** Whether it is to be answered. */
  isClient(peer: Peer): boolean;
}

/** The length field of UDP has 16 bits. */
const UDP_BYTES = 64 * 1024;
/** More than fits into the send buffer of a unix socket, 212,992 bytes unless the system is set up otherwise. */
const UNIX_BYTES = 256 * 1024;
/** Below are the ports of services, such as echo, chargen, DNS and NTP. */
const FIRST_CLIENT_PORT = 1024;

/** Multicast, reserved and broadcast addresses of IPv4, "this network", and multicast addresses of IPv6. */
const NOT_ONE_HOST = /^(?:(?:::ffff:)?(?:22[4-9]|2[345]\d|0)\.|ff)/i;

/**
 * The clients of a UDP socket. A forged sender can start an endless echo between two sockets (RFC 862 has no end of its
 * own), so these are never answered: the ports of services; every port that this server serves, at whatever address, since
 * all addresses of this machine cannot be known; and addresses that are not those of one host.
 *
 * @param ownPorts - The ports of all UDP sockets of this server.
 */
export function udpPeers(ownPorts: ReadonlySet<number>): Peers<UdpPeer> {
  return {
    maxBytes: UDP_BYTES,
    tellsRoom: true,
    keyOf: ({ address, port, local = '' }) => `${address} ${port} ${local}`,
    isClient: ({ address, port }) => port >= FIRST_CLIENT_PORT && !ownPorts.has(port) && !NOT_ONE_HOST.test(address),
  };
}

/**
 * The clients of a unix datagram socket. What would block is the queue of the client, and nothing tells of that.
 *
 * The kernel gives the name that the sender was bound to. What comes from this server itself therefore has a name of its
 * own, even if a client has put a link to this server's socket in the place of its own.
 *
 * @param ownNames - The paths and abstract names of all unix datagram sockets of this server, each by its `keyOfName`.
 */
export function unixPeers(ownNames: ReadonlySet<string>): Peers<UnixName> {
  return {
    maxBytes: UNIX_BYTES,
    tellsRoom: false,
    keyOf: keyOfName,
    isClient: (name) => !ownNames.has(keyOfName(name)),
  };
}

/** Tells a name from the others. One that is not UTF-8 begins with what no text has, a lone surrogate. */
export function keyOfName(name: UnixName): string {
  return typeof name === 'string' ? name : `\ud800${Buffer.from(name).toString('latin1')}`;
}
