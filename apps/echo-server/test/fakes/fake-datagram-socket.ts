import { EventSet } from '@em/core';
import type { FakeDevice, FakePoller } from '@em/testing';
import type { Datagram, DatagramSocket, InetAddress, UdpPeer, UdpSocket, UnixgramSocket } from '../../src/ports.js';

/** A sent message. */
export interface Sent<Peer> {
  readonly to: Peer;
  readonly bytes: Uint8Array;
}

/** A datagram socket. The test decides which messages arrive, and which answers block or fail. */
export class FakeDatagramSocket<Peer> implements DatagramSocket<Peer> {
  readonly #device: FakeDevice;
  readonly #queue: { readonly from: Peer | undefined; readonly bytes: Uint8Array }[] = [];
  readonly sent: Sent<Peer>[] = [];
  /** The peers to which a send would block. */
  readonly blocked = new Set<Peer>();
  /** While this is set, receiving throws it. */
  receiveError: Error | undefined;
  /** The errors that a send throws, by peer. */
  readonly sendErrors = new Map<Peer, Error>();
  receives = 0;
  attempts = 0;
  closed = false;

  constructor(poller: FakePoller) {
    this.#device = poller.device();
  }

  get fd(): number {
    return this.#device.fd;
  }

  /** Makes a message arrive. */
  push(from: Peer | undefined, bytes: Uint8Array): void {
    this.#queue.push({ from, bytes });
    this.#device.set(EventSet.IN);
  }

  /** Makes room, which OUT reports. */
  tellRoom(): void {
    this.#device.set(EventSet.OUT);
  }

  receiveFrom(buffer: Uint8Array): Datagram<Peer> | undefined {
    this.receives++;
    if (this.receiveError !== undefined) {
      throw this.receiveError;
    }
    const message = this.#queue.shift();
    if (this.#queue.length === 0) {
      this.#device.clear(EventSet.IN);
    }
    if (message === undefined) {
      return undefined;
    }
    const part = message.bytes.subarray(0, buffer.length);
    buffer.set(part);
    return { length: part.length, truncated: part.length < message.bytes.length, from: message.from };
  }

  sendTo(to: Peer, buffer: Uint8Array, offset: number, length: number): number | undefined {
    this.attempts++;
    const error = this.sendErrors.get(to);
    if (error !== undefined) {
      throw error;
    }
    if (this.blocked.has(to)) {
      this.#device.clear(EventSet.OUT);
      return undefined;
    }
    this.sent.push({ to, bytes: buffer.slice(offset, offset + length) });
    return length;
  }

  close(): void {
    this.closed = true;
    this.#device.close();
  }
}

/** A fake UDP socket. */
export class FakeUdpSocket extends FakeDatagramSocket<UdpPeer> implements UdpSocket {
  readonly localAddress: InetAddress;

  constructor(poller: FakePoller, port: number = 7007) {
    super(poller);
    this.localAddress = { address: '127.0.0.1', port };
  }
}

/** A fake unix datagram socket. */
export class FakeUnixgramSocket extends FakeDatagramSocket<string> implements UnixgramSocket {
  readonly localAddress: string;

  constructor(poller: FakePoller, name: string = '/run/echo.sock') {
    super(poller);
    this.localAddress = name;
  }
}
