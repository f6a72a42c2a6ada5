import { checkInteger, checkObject, outOfRange } from '@em/core/check';
import { byteLengthOf, checkBytes } from '../../arguments/check.js';
import {
  fromAddressBytes,
  fromIpSockaddr,
  LAYOUT,
  PORT_AT,
  toIpSockaddr,
  toLocalBytes,
  type UdpPeer,
} from '../ip-address.js';
import { DatagramBatch, memoryOf, putDatagram } from './datagram-batch.js';

/** `gso_size` of the kernel has 16 bits. */
const MAX_SEGMENT = 0xffff;
const NONE: Uint8Array = new Uint8Array(0);

/**
 * Room for many UDP datagrams, which {@link UdpSocket.receiveMany} and {@link UdpSocket.sendMany} transfer in one system
 * call. You make it once: receiving and sending then make no objects, and no texts.
 *
 * An entry is a datagram and its peer. After you received it, the peer is the sender, and you can send the entry as it is:
 * that is an answer, which leaves from the address that was asked.
 *
 * An entry with {@link UdpBatch.segmentBytesAt} is many datagrams for one peer, one after the other: each has that number
 * of bytes, only the last one may be shorter. The kernel handles them together, which costs hardly more than one.
 *
 * @example Echo
 * ```ts
 * const batch = new UdpBatch();
 * manager.add(socket, EventSet.IN, () => {
 *   const count = socket.receiveMany(batch) ?? 0;
 *   socket.sendMany(batch, count);
 * });
 * ```
 */
export class UdpBatch extends DatagramBatch {
  /**
   * Puts a datagram into an entry, to send it.
   *
   * @param bytes - At most as many as an entry has room for. They are copied.
   * @param to - As for {@link UdpSocket.sendTo}. Leave it out for the peer that the socket is connected to.
   * @param segmentBytes - Sends the bytes as datagrams of this size each, 1 to 65,535, of which the last one may be
   * shorter. The kernel sends them together if there are at most 64, with 65,507 bytes at most. Defaults to 0: one
   * datagram.
   * @throws RangeError `ERR_OUT_OF_RANGE` if there is no room.
   */
  put(
    index: number,
    bytes: Uint8Array,
    to?: Pick<UdpPeer, 'address' | 'port' | 'local'>,
    segmentBytes: number = 0,
  ): void {
    let address = NONE;
    let local = NONE;
    if (to !== undefined) {
      const { address: host, port, local: from } = checkObject('to', to);
      address = toIpSockaddr(host, port, 'address');
      local = from === undefined ? NONE : toLocalBytes(from, address);
    }
    checkInteger('segmentBytes', segmentBytes, 0, MAX_SEGMENT);
    putDatagram(this, index, bytes, address, local, segmentBytes);
  }

  /**
   * The peer, as text. Makes objects: use {@link UdpBatch.portAt} and {@link UdpBatch.copyAddressAt} for what you need
   * of every datagram.
   *
   * @throws SystemError `EAFNOSUPPORT` if the entry has no peer: it was put without one.
   */
  peerAt(index: number): UdpPeer {
    const memory = memoryOf(this);
    const from = fromIpSockaddr(memory.addressAt(index));
    const local = memory.localAt(index);
    return local.length === 0 ? from : { ...from, local: fromAddressBytes(local) };
  }

  /** The port of the peer; 0 if the entry has no peer. */
  portAt(index: number): number {
    const memory = memoryOf(this);
    return memory.addressSizeAt(index) === 0
      ? 0
      : (memory.addressByteAt(index, PORT_AT) << 8) | memory.addressByteAt(index, PORT_AT + 1);
  }

  /**
   * Copies the IP address of the peer: to look it up, or to count datagrams per peer, without making a text.
   *
   * @param into - Receives 4 bytes for IPv4, or 16 for IPv6. Needs room for 16.
   * @returns The number of bytes; 0 if the entry has no peer.
   */
  copyAddressAt(index: number, into: Uint8Array): number {
    if (byteLengthOf(checkBytes('into', into)) < LAYOUT.IPv6.addressSize) {
      throw outOfRange('into', 'an array of at least 16 bytes', into);
    }
    const memory = memoryOf(this);
    const size = memory.addressSizeAt(index);
    if (size === 0) {
      return 0;
    }
    const { addressAt, addressSize } = size === LAYOUT.IPv6.size ? LAYOUT.IPv6 : LAYOUT.IPv4;
    for (let i = 0; i < addressSize; i++) {
      into[i] = memory.addressByteAt(index, addressAt + i);
    }
    return addressSize;
  }

  /**
   * Whether the entry has an address of this machine: `peerAt(index).local`. A datagram that was received after
   * {@link UdpSocket.setPacketInfo} has none if it was sent to a multicast group or a broadcast address.
   */
  hasLocalAt(index: number): boolean {
    return memoryOf(this).localSizeAt(index) > 0;
  }

  /** The size of the datagrams that the entry consists of, of which the last one may be shorter; 0 if it is one datagram. */
  segmentBytesAt(index: number): number {
    return memoryOf(this).segmentBytesAt(index);
  }
}
