import { isIPv4 } from 'node:net';
import type { BatchFactory, BatchOptions, DatagramBatch, UdpBatch, UdpPeer, UnixName } from '../../src/ports.js';

interface Entry<Peer> {
  length: number;
  truncated: boolean;
  peer: Peer | undefined;
  segmentBytes: number;
}

/** A batch that sockets without a kernel fill. */
export class FakeBatch<Peer> implements DatagramBatch<Peer> {
  readonly capacity: number;
  readonly bytes: Uint8Array;
  readonly room: number;
  readonly #entries: Entry<Peer>[];

  constructor({ capacity, bytesPerDatagram }: BatchOptions) {
    this.capacity = capacity;
    this.room = bytesPerDatagram;
    this.bytes = new Uint8Array(capacity * bytesPerDatagram);
    this.#entries = Array.from({ length: capacity }, () => ({
      length: 0,
      truncated: false,
      peer: undefined,
      segmentBytes: 0,
    }));
  }

  /** Puts a message that has arrived into an entry. */
  fill(index: number, peer: Peer | undefined, bytes: Uint8Array, segmentBytes: number): void {
    const part = bytes.subarray(0, this.room);
    this.bytes.set(part, this.offsetAt(index));
    const truncated = part.length < bytes.length;
    Object.assign(this.#at(index), { length: part.length, truncated, peer, segmentBytes });
  }

  /** The datagrams of an entry. */
  datagramsAt(index: number): Uint8Array[] {
    const from = this.offsetAt(index);
    const bytes = this.bytes.slice(from, from + this.lengthAt(index));
    const size = this.segmentBytesAt(index) || Math.max(1, bytes.length);
    const count = Math.max(1, Math.ceil(bytes.length / size));
    return Array.from({ length: count }, (_, at) => bytes.slice(at * size, (at + 1) * size));
  }

  offsetAt(index: number): number {
    return index * this.room;
  }

  lengthAt(index: number): number {
    return this.#at(index).length;
  }

  setLengthAt(index: number, length: number): void {
    this.#at(index).length = length;
  }

  truncatedAt(index: number): boolean {
    return this.#at(index).truncated;
  }

  peerAt(index: number): Peer | undefined {
    return this.#at(index).peer;
  }

  segmentBytesAt(index: number): number {
    return this.#at(index).segmentBytes;
  }

  #at(index: number): Entry<Peer> {
    const entry = this.#entries[index];
    if (entry === undefined) {
      throw new RangeError(`there is no entry ${index}`);
    }
    return entry;
  }
}

/** A batch of UDP datagrams. */
class FakeUdpBatch extends FakeBatch<UdpPeer> implements UdpBatch {
  portAt(index: number): number {
    return this.peerAt(index)?.port ?? 0;
  }

  copyAddressAt(index: number, into: Uint8Array): number {
    const bytes = addressBytes(this.peerAt(index)?.address ?? '');
    into.set(bytes);
    return bytes.length;
  }
}

export const fakeBatches: BatchFactory = {
  udp: (options) => new FakeUdpBatch(options),
  unixgram: (options) => new FakeBatch<UnixName>(options),
};

/** The bytes of an IP address. An address of IPv6 must have `::`. */
function addressBytes(address: string): number[] {
  if (isIPv4(address)) {
    return address.split('.').map(Number);
  }
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').flatMap(groupBytes));
  return [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail];
}

function groupBytes(group: string): number[] {
  if (isIPv4(group)) {
    return group.split('.').map(Number);
  }
  const value = Number.parseInt(group, 16);
  return group === '' ? [] : [value >> 8, value & 0xff];
}
