import { fromUnixSockaddr, toUnixSockaddr, type UnixName } from '../unix/unix-address.js';
import { DatagramBatch, memoryOf, putDatagram } from './datagram-batch.js';

const NONE = new Uint8Array(0);

/**
 * Room for many messages, which {@link UnixDatagram.receiveMany} and {@link UnixDatagram.sendMany} transfer in one system
 * call. You make it once: receiving and sending then make no objects, and no texts.
 *
 * An entry is a message and its peer. After you received it, the peer is the sender, and you can send the entry as it is:
 * that is an answer. A sender without a name cannot be answered, unless the socket is connected to it.
 */
export class UnixDatagramBatch extends DatagramBatch {
  /**
   * Puts a message into an entry, to send it.
   *
   * @param bytes - At most as many as an entry has room for. They are copied.
   * @param path - As for {@link UnixDatagram.sendTo}. Leave it out for the peer that the socket is connected to.
   * @throws RangeError `ERR_OUT_OF_RANGE` if there is no room.
   */
  put(index: number, bytes: Uint8Array, path?: string | Uint8Array): void {
    putDatagram(this, index, bytes, path === undefined ? NONE : toUnixSockaddr(path), NONE, 0);
  }

  /** The name of the peer: text, or bytes if it is not UTF-8; `undefined` if it has none. Makes objects. */
  peerAt(index: number): UnixName | undefined {
    return fromUnixSockaddr(memoryOf(this).addressAt(index));
  }
}
