import { checkInteger, invalidType } from '@em/core/check';
import { MAX_SOCKADDR } from '../sockaddr.js';

// An entry, as in message_batch.cc: six words, the local address, and the address of the peer.
const OFFSET = 0;
const LENGTH = 1;
const FLAGS = 2;
const ADDRESS_SIZE = 3;
const LOCAL_SIZE = 4;
const SEGMENT_BYTES = 5;
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const LOCAL_AT = 6 * WORD_BYTES;
const MAX_LOCAL = 16;
const ADDRESS_AT = LOCAL_AT + MAX_LOCAL;
const ENTRY_BYTES = ADDRESS_AT + MAX_SOCKADDR;
const ENTRY_WORDS = ENTRY_BYTES / WORD_BYTES;
/** The room for the control messages of an entry, behind all entries. */
const CONTROL_BYTES = 344;

const CACHE_LINE = 64;

/** What the addon fills and reads. It checks each number again, so a wrong one cannot make the kernel leave the memory. */
export class BatchMemory {
  readonly capacity: number;
  /** The maximum length of a datagram. */
  readonly room: number;
  /**
   * The distance between two datagrams. An odd number of cache lines, or the first bytes of all datagrams would share a
   * few lines of the cache.
   */
  readonly slotBytes: number;
  readonly bytes: ArrayBuffer;
  /** Nothing outside of this package has it, so nothing can detach it. */
  readonly entries: ArrayBuffer;
  readonly #words: Uint32Array;
  readonly #entryBytes: Uint8Array;

  constructor(capacity: number, room: number) {
    this.capacity = capacity;
    this.room = room;
    this.slotBytes = (Math.ceil(room / CACHE_LINE) | 1) * CACHE_LINE;
    this.bytes = new ArrayBuffer(capacity * this.slotBytes);
    this.entries = new ArrayBuffer(capacity * (ENTRY_BYTES + CONTROL_BYTES));
    this.#words = new Uint32Array(this.entries);
    this.#entryBytes = new Uint8Array(this.entries);
    for (let index = 0; index < capacity; index++) {
      this.setOffset(index, this.slotAt(index));
    }
  }

  /** @throws TypeError `ERR_INVALID_ARG_TYPE` if the bytes were transferred to another thread. */
  checkAttached(): void {
    if (this.bytes.byteLength !== this.capacity * this.slotBytes) {
      throw invalidType('batch', 'a batch whose bytes were not transferred', this.bytes);
    }
  }

  /** Where the room of an entry begins. */
  slotAt(index: number): number {
    return this.#check(index) * this.slotBytes;
  }

  offsetAt(index: number): number {
    return this.#wordAt(index, OFFSET);
  }

  setOffset(index: number, offset: number): void {
    this.#setWord(index, OFFSET, offset);
  }

  lengthAt(index: number): number {
    return this.#wordAt(index, LENGTH);
  }

  setLength(index: number, length: number): void {
    this.#setWord(index, LENGTH, length);
  }

  flagsAt(index: number): number {
    return this.#wordAt(index, FLAGS);
  }

  segmentBytesAt(index: number): number {
    return this.#wordAt(index, SEGMENT_BYTES);
  }

  setSegmentBytes(index: number, segmentBytes: number): void {
    this.#setWord(index, SEGMENT_BYTES, segmentBytes);
  }

  addressSizeAt(index: number): number {
    return this.#wordAt(index, ADDRESS_SIZE);
  }

  /** The address of the peer, not copied. */
  addressAt(index: number): Uint8Array {
    return this.#part(index, ADDRESS_AT, ADDRESS_SIZE);
  }

  /** A byte of the address of the peer. */
  addressByteAt(index: number, offset: number): number {
    return this.#entryBytes[this.#entryAt(index) * WORD_BYTES + ADDRESS_AT + offset] as number;
  }

  localSizeAt(index: number): number {
    return this.#wordAt(index, LOCAL_SIZE);
  }

  /** The address of this machine, not copied; empty if it is not known. */
  localAt(index: number): Uint8Array {
    return this.#part(index, LOCAL_AT, LOCAL_SIZE);
  }

  setAddresses(index: number, address: Uint8Array, local: Uint8Array): void {
    const at = this.#entryAt(index);
    this.#entryBytes.set(address, at * WORD_BYTES + ADDRESS_AT);
    this.#entryBytes.set(local, at * WORD_BYTES + LOCAL_AT);
    this.#words[at + ADDRESS_SIZE] = address.length;
    this.#words[at + LOCAL_SIZE] = local.length;
  }

  #part(index: number, offset: number, size: number): Uint8Array {
    const at = this.#entryAt(index);
    const from = at * WORD_BYTES + offset;
    return this.#entryBytes.subarray(from, from + (this.#words[at + size] as number));
  }

  #wordAt(index: number, word: number): number {
    return this.#words[this.#entryAt(index) + word] as number;
  }

  #setWord(index: number, word: number, value: number): void {
    this.#words[this.#entryAt(index) + word] = value;
  }

  #entryAt(index: number): number {
    return this.#check(index) * ENTRY_WORDS;
  }

  #check(index: number): number {
    return checkInteger('index', index, 0, this.capacity - 1);
  }
}
