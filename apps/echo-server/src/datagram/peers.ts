import type { UdpPeer } from '../ports.js';

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

/**
 * The clients of a UDP socket. Who sends from the port of a service, or from the very port that is served here, is none:
 * an answer would be answered in turn, for ever, which is what somebody who forges the address of the sender is after.
 */
export function udpPeers(localPort: number): Peers<UdpPeer> {
  return {
    maxBytes: UDP_BYTES,
    tellsRoom: true,
    keyOf: ({ address, port, local = '' }) => `${address} ${port} ${local}`,
    isClient: ({ port }) => port >= FIRST_CLIENT_PORT && port !== localPort,
  };
}

/** The clients of a unix datagram socket. What would block is the queue of the client, and nothing tells of that. */
export const UNIX_PEERS: Peers<string> = {
  maxBytes: UNIX_BYTES,
  tellsRoom: false,
  keyOf: (path) => path,
  isClient: () => true,
};
