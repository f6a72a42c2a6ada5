import { EventSet } from '@em/core';
import type { FakeDevice, FakePoller } from '@em/testing';
import type { DatagramSocket, InetAddress, UdpPeer, UdpSocket, UnixgramSocket } from '../../src/ports.js';
import { FakeBatch } from './fake-batch.js';

/** A sent message. */
export interface Sent<Peer> {
  readonly to: Peer;
  readonly bytes: Uint8Array;
}

/** A datagram socket. The test decides which messages arrive, and which answers block or fail. */
export class FakeDatagramSocket<Peer> implements DatagramSocket<Peer, unknown> {
  readonly #device: FakeDevice;
  readonly #queue: { readonly from: Peer | undefined; readonly bytes: Uint8Array; readonly segmentBytes: number }[] =
    [];
  readonly sent: Sent<Peer>[] = [];
  /** The peers to which a send would block. */
  readonly blocked = new Set<Peer>();
  /** While this is set, receiving throws it. */
  receiveError: Error | undefined;
  /** The errors that a send throws, by peer. */
  readonly sendErrors = new Map<Peer, Error>();
  receives = 0;
  /** For how many messages the last receive has asked. */
  asked = 0;
  /** How often a batch was sent. */
  calls = 0;
  attempts = 0;
  closed = false;

  constructor(poller: FakePoller) {
    this.#device = poller.device();
  }

  get fd(): number {
    return this.#device.fd;
  }

  /** Makes a message arrive: one datagram, or several of this size. */
  push(from: Peer | undefined, bytes: Uint8Array, segmentBytes: number = 0): void {
    this.#queue.push({ from, bytes, segmentBytes });
    this.#device.set(EventSet.IN);
  }

  /** Makes room, which OUT reports. */
  tellRoom(): void {
    this.#device.set(EventSet.OUT);
  }

  receiveMany(batch: unknown, count: number): number | undefined {
    this.receives++;
    this.asked = count;
    if (this.receiveError !== undefined) {
      throw this.receiveError;
    }
    const messages = this.#queue.splice(0, count);
    if (this.#queue.length === 0) {
      this.#device.clear(EventSet.IN);
    }
    for (const [index, { from, bytes, segmentBytes }] of messages.entries()) {
      fake<Peer>(batch).fill(index, from, bytes, segmentBytes);
    }
    return messages.length === 0 ? undefined : messages.length;
  }

  sendMany(batch: unknown, count: number, start: number): number | undefined {
    this.calls++;
    for (let index = start; index < start + count; index++) {
      const to = fake<Peer>(batch).peerAt(index) as Peer;
      const datagrams = fake<Peer>(batch).datagramsAt(index);
      const isLast = index > start && (this.sendErrors.has(to) || this.blocked.has(to));
      if (isLast) {
        return index - start;
      }
      for (const bytes of datagrams) {
        if (this.sendTo(to, bytes, 0, bytes.length) === undefined) {
          return undefined;
        }
      }
    }
    return count;
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

function fake<Peer>(batch: unknown): FakeBatch<Peer> {
  if (!(batch instanceof FakeBatch)) {
    throw new TypeError('this is not a fake batch');
  }
  return batch;
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
