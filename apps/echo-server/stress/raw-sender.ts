import type { AnySocket } from '@em/sys';
import { toSockaddr } from './clients/sockaddr.ts';
import type { Sockets } from './scenario.ts';

/** Of <linux/in.h>: the packets of the socket begin with an IP header. */
const IPPROTO_RAW = 255;
const UDP = 17;
const IP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const ANY_TTL = 64;

/** An IPv4 address and a port. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

/** Sends UDP datagrams in the name of any sender. */
export class RawSender implements Disposable {
  readonly #socket: AnySocket;
  readonly #family: number;

  private constructor(socket: AnySocket, family: number) {
    this.#socket = socket;
    this.#family = family;
  }

  /** Returns `undefined` without the right to it: CAP_NET_RAW. */
  static open({ AnySocket, Socket }: Sockets): RawSender | undefined {
    const { AF_INET, SOCK_RAW } = Socket.constants;
    try {
      return new RawSender(AnySocket.open({ family: AF_INET, type: SOCK_RAW, protocol: IPPROTO_RAW }), AF_INET);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM') {
        return undefined;
      }
      throw error;
    }
  }

  /** Returns `false` if there is no room. */
  send(from: Address, to: Address, length: number): boolean {
    const packet = Buffer.alloc(IP_HEADER_BYTES + UDP_HEADER_BYTES + length);
    // The kernel fills in the lengths and checksums of the IP header. UDP over IPv4 needs no checksum.
    packet.set([0x45, 0, 0, 0, 0, 0, 0, 0, ANY_TTL, UDP]);
    packet.set(
      [from, to].flatMap(({ address }) => address.split('.').map(Number)),
      12,
    );
    packet.writeUInt16BE(from.port, IP_HEADER_BYTES);
    packet.writeUInt16BE(to.port, IP_HEADER_BYTES + 2);
    packet.writeUInt16BE(UDP_HEADER_BYTES + length, IP_HEADER_BYTES + 4);
    return this.#socket.sendTo(toSockaddr(this.#family, to.address, 0), packet) !== undefined;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
