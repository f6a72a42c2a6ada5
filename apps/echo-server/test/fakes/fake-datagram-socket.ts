import { EventSet } from '@em/core';
import type { UdpBatch, UdpPeer, UnixDatagramBatch, UnixName } from '@em/sys';
import type { FakeDevice, FakePoller } from '@em/testing';
import type { Udp, Unixgram } from '../../src/sockets/server-socket.js';

/** A sent message. */
interface Sent<Peer> {
  readonly to: Peer;
  readonly bytes: Uint8Array;
}

interface Arrived<Peer> {
  readonly from: Peer | undefined;
  readonly bytes: Uint8Array;
  readonly segmentBytes: number;
}

/**
 * A datagram socket that the test fills. Its messages have senders that no socket could be bound to, or were coalesced, and
 * the test decides which answers block or fail. The fake kernel of `@em/testing` does nothing of that.
 */
abstract class FakeDatagramSocket<Peer, Batch extends Pick<UnixDatagramBatch | UdpBatch, 'bytesAt'>> {
  readonly #device: FakeDevice;
  readonly #queue: Arrived<Peer>[] = [];
  readonly sent: Sent<Peer>[] = [];
  /** The peers to which a send would block. */
  readonly blocked = new Set<string>();
  /** The errors that a send throws, by peer. */
  readonly sendErrors = new Map<string, Error>();
  /** While this is set, receiving throws it. */
  receiveError: Error | undefined;
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

  /** Puts a message that has arrived into a batch. */
  protected abstract put(batch: Batch, index: number, message: Arrived<Peer>): void;
  protected abstract peerAt(batch: Batch, index: number): Peer;
  protected abstract segmentBytesAt(batch: Batch, index: number): number;

  /** Makes a message arrive: one datagram, or several of this size. */
  push(from: Peer | undefined, bytes: Uint8Array, segmentBytes: number = 0): void {
    this.#queue.push({ from, bytes, segmentBytes });
    this.#device.set(EventSet.IN);
  }

  /** Makes room, which OUT reports. */
  tellRoom(): void {
    this.#device.set(EventSet.OUT);
  }

  receiveMany(batch: Batch, count: number = 64): number | undefined {
    this.receives++;
    this.asked = count;
    if (this.receiveError !== undefined) {
      throw this.receiveError;
    }
    const messages = this.#queue.splice(0, count);
    if (this.#queue.length === 0) {
      this.#device.clear(EventSet.IN);
    }
    for (const [index, message] of messages.entries()) {
      this.put(batch, index, message);
    }
    return messages.length === 0 ? undefined : messages.length;
  }

  sendMany(batch: Batch, count: number, start: number = 0): number | undefined {
    this.calls++;
    for (let index = start; index < start + count; index++) {
      const to = this.peerAt(batch, index);
      if (index > start && (this.sendErrors.has(nameOf(to)) || this.blocked.has(nameOf(to)))) {
        return index - start;
      }
      const bytes = batch.bytesAt(index);
      const size = this.segmentBytesAt(batch, index) || Math.max(1, bytes.length);
      for (let at = 0; at === 0 || at < bytes.length; at += size) {
        if (this.sendTo(to, bytes, at, Math.min(size, bytes.length - at)) === undefined) {
          return undefined;
        }
      }
    }
    return count;
  }

  sendTo(
    to: Peer,
    buffer: Uint8Array,
    offset: number = 0,
    length: number = buffer.length - offset,
  ): number | undefined {
    this.attempts++;
    const error = this.sendErrors.get(nameOf(to));
    if (error !== undefined) {
      throw error;
    }
    if (this.blocked.has(nameOf(to))) {
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

/** The name of a peer in {@link FakeDatagramSocket.blocked}. */
function nameOf(peer: unknown): string {
  return typeof peer === 'string' ? peer : String((peer as UdpPeer).port);
}

type Peer = Pick<UdpPeer, 'address' | 'port' | 'local'>;

/** A fake UDP socket. */
export class FakeUdpSocket extends FakeDatagramSocket<Peer, UdpBatch> implements Udp {
  readonly localAddress: Udp['localAddress'];
  hasPacketInfo = false;

  constructor(poller: FakePoller, port: number = 7007, address: string = '127.0.0.1') {
    super(poller);
    this.localAddress = { address, family: 'IPv4', port };
  }

  setPacketInfo(packetInfo: boolean): void {
    this.hasPacketInfo = packetInfo;
  }

  protected put(batch: UdpBatch, index: number, { from, bytes, segmentBytes }: Arrived<Peer>): void {
    batch.put(index, bytes, from, segmentBytes);
  }

  protected peerAt(batch: UdpBatch, index: number): Peer {
    const { address, port } = batch.peerAt(index);
    return { address, port };
  }

  protected segmentBytesAt(batch: UdpBatch, index: number): number {
    return batch.segmentBytesAt(index);
  }
}

/** A fake unix datagram socket. */
export class FakeUnixgramSocket
  extends FakeDatagramSocket<UnixName | Uint8Array, UnixDatagramBatch>
  implements Unixgram
{
  readonly localAddress: string;

  constructor(poller: FakePoller, name: string = '/run/echo.sock') {
    super(poller);
    this.localAddress = name;
  }

  protected put(batch: UnixDatagramBatch, index: number, { from, bytes }: Arrived<UnixName | Uint8Array>): void {
    batch.put(index, bytes, from);
  }

  protected peerAt(batch: UnixDatagramBatch, index: number): UnixName {
    return batch.peerAt(index) ?? '';
  }

  protected segmentBytesAt(): number {
    return 0;
  }
}
