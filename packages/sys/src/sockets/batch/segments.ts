import { constants } from 'node:os';
import type { Binding } from '../../addon/binding.js';
import { BatchMemory } from './batch-memory.js';

/** Options of linux/udp.h. */
const UDP_SEGMENT = 103;
const UDP_GRO = 104;
/** The length of a datagram has 16 bits. */
const MAX_JOINED = 0xffff;
const { EINVAL, EIO, EMSGSIZE } = constants.errno;
/** As many as the kernel sends together, `UDP_MAX_SEGMENTS`. */
const MOST_AT_ONCE = 64;

const option = new Uint8Array(Int32Array.BYTES_PER_ELEMENT);
const flag = new Int32Array(option.buffer);
/** Entries for the datagrams of another entry, whose bytes they share. Made when they are first needed. */
let apart: BatchMemory | undefined;

/**
 * Sends the entries of batches by one socket. Datagrams of one size for one peer are sent together if the kernel can do it:
 * those of an entry, and those of neighbours.
 */
export class SegmentSender {
  readonly #native: Binding;
  /** Neighbours of at most this length are sent together. 0 if nothing is; `undefined` before the first. */
  #maxJoined: number | undefined;

  constructor(native: Binding) {
    this.#native = native;
  }

  /**
   * Sends entries. If datagrams cannot be sent together, sends them one by one.
   *
   * @returns The number of entries, or -errno. An entry of which only some datagrams were sent has the others.
   */
  send(fd: number, memory: BatchMemory, start: number, count: number): number {
    // A kernel before 4.18 ignores the request, and sends the bytes as one datagram.
    this.#maxJoined ??= this.#hasSegments(fd) ? MAX_JOINED : 0;
    if (this.#maxJoined === 0) {
      return this.#sendApart(fd, memory, start, start + count);
    }
    const sent = this.#native.sendmmsg(fd, memory.bytes, memory.entries, start, count, this.#maxJoined);
    if (!isRefusal(sent) || count === 0) {
      return sent;
    }
    const isEntry = memory.segmentBytesAt(start) > 0;
    const alone = this.#sendApart(fd, memory, start, start + 1);
    if (sent === -EIO && alone > 0) {
      // The device does not calculate checksums.
      this.#maxJoined = 0;
    } else if (!isEntry && alone > 0) {
      // A packet has no room for a datagram of this size.
      this.#maxJoined = Math.max(0, Math.min(this.#maxJoined, memory.lengthAt(start) - 1));
    }
    return alone;
  }

  #hasSegments(fd: number): boolean {
    return this.#native.getsockopt(fd, this.#native.socketConstants.IPPROTO_UDP, UDP_SEGMENT, option) >= 0;
  }

  #sendApart(fd: number, memory: BatchMemory, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const sent =
        memory.segmentBytesAt(at) === 0
          ? this.#native.sendmmsg(fd, memory.bytes, memory.entries, at, countWhole(memory, at, end), 0)
          : this.#sendSegments(fd, memory, at);
      if (sent < 0) {
        return at === start ? sent : at - start;
      }
      at += sent;
    }
    return at - start;
  }

  /** Returns 1 when all are sent. */
  #sendSegments(fd: number, memory: BatchMemory, index: number): number {
    const from = memory.offsetAt(index);
    const length = memory.lengthAt(index);
    for (let sent = 0; ; ) {
      const { entries, count } = toApart(memory, index);
      const result = this.#native.sendmmsg(fd, memory.bytes, entries, 0, count, 0);
      if (result < 0) {
        return result;
      }
      sent += result * memory.segmentBytesAt(index);
      const isComplete = sent >= length;
      memory.setOffset(index, isComplete ? from : from + sent);
      memory.setLength(index, isComplete ? length : length - sent);
      if (isComplete) {
        return 1;
      }
    }
  }
}

/**
 * Makes a socket receive datagrams of one peer and one size together, or no longer (UDP_GRO).
 *
 * @returns 0 or -errno.
 */
export function setCoalescing(native: Binding, fd: number, coalescing: boolean): number {
  flag[0] = Number(coalescing);
  return native.setsockopt(fd, native.socketConstants.IPPROTO_UDP, UDP_GRO, option);
}

function isRefusal(result: number): boolean {
  return result === -EIO || result === -EINVAL || result === -EMSGSIZE;
}

/** The number of entries from `start` on that are one datagram each. */
function countWhole(memory: BatchMemory, start: number, end: number): number {
  let at = start;
  while (at < end && memory.segmentBytesAt(at) === 0) {
    at++;
  }
  return at - start;
}

/** Fills an entry for each of the first datagrams of an entry; one if it is empty. */
function toApart(memory: BatchMemory, index: number): { entries: ArrayBuffer; count: number } {
  apart ??= new BatchMemory(MOST_AT_ONCE, 1);
  const size = memory.segmentBytesAt(index);
  const end = memory.offsetAt(index) + memory.lengthAt(index);
  let count = 0;
  let offset = memory.offsetAt(index);
  do {
    apart.setOffset(count, offset);
    apart.setLength(count, Math.min(size, end - offset));
    apart.setAddresses(count, memory.addressAt(index), memory.localAt(index));
    count++;
    offset += size;
  } while (offset < end && count < MOST_AT_ONCE);
  return { entries: apart.entries, count };
}
