import { checkInteger, checkOptions, invalidType, outOfRange } from '@em/core/check';
import { binding } from '../../addon/binding.js';
import { byteLengthOf, checkBytes } from '../../arguments/check.js';
import { BatchMemory } from './batch-memory.js';

/** The addon has room for the headers of this number of messages on its stack. */
const MAX_CAPACITY = 256;
const DEFAULT_CAPACITY = 64;
const DEFAULT_ROOM = 65_536;
const MAX_ROOM = 8 * 1024 * 1024;

/** Options of {@link UdpBatch} and {@link UnixDatagramBatch}. */
export interface DatagramBatchOptions {
  /** The number of entries, 1 to 256. Defaults to 64. */
  readonly capacity?: number | undefined;
  /**
   * The room of each entry in bytes, 1 to 8,388,608. A longer datagram is cut. Defaults to 65,536: no UDP datagram is
   * longer. Memory that no datagram has reached is reserved, but not used.
   */
  readonly bytesPerDatagram?: number | undefined;
}

/** Returns the memory of a batch; `undefined` if the object only looks like one. */
let memoryIn: (batch: DatagramBatch) => BatchMemory | undefined;

/**
 * Room for many datagrams, which one system call receives or sends. You make it once: receiving and sending then make no
 * objects.
 *
 * It has `capacity` entries, with an index from 0 on. Every method throws RangeError `ERR_OUT_OF_RANGE` for an index that
 * does not exist, and TypeError `ERR_INVALID_ARG_TYPE` for one that is not a number.
 */
export abstract class DatagramBatch {
  /** The number of entries. */
  readonly capacity: number;
  /** The room of each entry, in bytes. */
  readonly bytesPerDatagram: number;
  /** The bytes of all entries. {@link DatagramBatch.offsetAt} says where those of an entry begin. */
  readonly bytes: Uint8Array;
  readonly #memory: BatchMemory;
  readonly #truncated: number = binding().socketConstants.MSG_TRUNC;

  static {
    memoryIn = (batch) => (#memory in batch ? batch.#memory : undefined);
  }

  /**
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong option.
   * @throws RangeError if there is not enough memory.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   */
  constructor(options: DatagramBatchOptions = {}) {
    const { capacity = DEFAULT_CAPACITY, bytesPerDatagram = DEFAULT_ROOM } = checkOptions('options', options, [
      'capacity',
      'bytesPerDatagram',
    ]);
    this.capacity = checkInteger('capacity', capacity, 1, MAX_CAPACITY);
    this.bytesPerDatagram = checkInteger('bytesPerDatagram', bytesPerDatagram, 1, MAX_ROOM);
    this.#memory = new BatchMemory(this.capacity, this.bytesPerDatagram);
    this.bytes = new Uint8Array(this.#memory.bytes);
  }

  /** Where the datagram begins in {@link DatagramBatch.bytes}. */
  offsetAt(index: number): number {
    return this.#memory.offsetAt(index);
  }

  /** The number of bytes of the datagram. */
  lengthAt(index: number): number {
    return this.#memory.lengthAt(index);
  }

  /**
   * Sets how many bytes of the entry to send, from {@link DatagramBatch.offsetAt} on. To send bytes without copying them,
   * write them there first. The peer stays the same.
   *
   * @param length - 0 to the rest of the room.
   */
  setLengthAt(index: number, length: number): void {
    const rest = this.#memory.slotAt(index) + this.#memory.room - this.#memory.offsetAt(index);
    this.#memory.setLength(index, checkInteger('length', length, 0, rest));
  }

  /** The bytes of the datagram, not copied: the next datagram of this entry overwrites them. Makes an object. */
  bytesAt(index: number): Uint8Array {
    const offset = this.#memory.offsetAt(index);
    return this.bytes.subarray(offset, offset + this.#memory.lengthAt(index));
  }

  /** Whether the received datagram was longer than the room. Its rest is lost. */
  truncatedAt(index: number): boolean {
    return (this.#memory.flagsAt(index) & this.#truncated) !== 0;
  }
}

/** Puts a datagram for one peer into an entry. An empty address stands for the peer that the socket is connected to. */
export function putDatagram(
  batch: DatagramBatch,
  index: number,
  bytes: Uint8Array,
  address: Uint8Array,
  local: Uint8Array,
  segmentBytes: number,
): void {
  const memory = memoryOf(batch);
  memory.checkAttached();
  const slot = memory.slotAt(index);
  const length = byteLengthOf(checkBytes('bytes', bytes));
  if (length > memory.room) {
    throw outOfRange('bytes', `an array of at most ${memory.room} bytes`, length);
  }
  memory.setOffset(index, slot);
  memory.setLength(index, length);
  memory.setAddresses(index, address, local);
  memory.setSegmentBytes(index, segmentBytes);
  batch.bytes.set(bytes, slot);
}

/** Returns the memory of an object that is a batch. */
export function memoryOf(batch: DatagramBatch): BatchMemory {
  const memory = memoryIn(batch);
  if (memory === undefined) {
    throw invalidType('this', 'a batch', batch);
  }
  return memory;
}

/** Checks that a value is a batch of this class, and returns its memory. */
export function checkBatch<Batch extends DatagramBatch>(
  type: { new (options?: DatagramBatchOptions): Batch },
  batch: Batch,
): BatchMemory {
  const memory = batch instanceof type ? memoryIn(batch) : undefined;
  if (memory === undefined) {
    throw invalidType('batch', `a ${type.name}`, batch);
  }
  memory.checkAttached();
  return memory;
}
