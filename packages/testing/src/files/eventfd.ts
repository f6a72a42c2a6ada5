import { EventSet } from '@em/core';
import { invalidType, outOfRange } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

/** The highest count: `ULLONG_MAX - 1`, fs/eventfd.c. */
const MAX_COUNT = 2n ** 64n - 2n;

/** The file behind an eventfd. */
export class Counter extends OpenFile {
  #count: bigint;

  constructor(count: bigint) {
    super();
    this.#count = count;
  }

  override events(): EventSet {
    return (this.#count > 0n ? EventSet.IN : 0) | (this.#count < MAX_COUNT ? EventSet.OUT : 0);
  }

  take(): bigint | undefined {
    if (this.#count === 0n) {
      return undefined;
    }
    const count = this.#count;
    this.#count = 0n;
    this.wakeUp(EventSet.OUT);
    return count;
  }

  add(value: bigint): boolean {
    if (this.#count + value > MAX_COUNT) {
      return false;
    }
    this.#count += value;
    // The kernel wakes whatever the value is, 0 included.
    this.wakeUp(EventSet.IN);
    return true;
  }
}

/** A counter that is readable while its count is above 0. {@link FakeFd} says what every method throws. */
export class FakeEventFd extends FakeFd<Counter> {
  static create(fds: FdTable, initial: bigint): FakeEventFd {
    return new FakeEventFd(fds, new Counter(checkCount('initial', initial)));
  }

  override dup(): FakeEventFd {
    return new FakeEventFd(this.fds, this.open('dup'));
  }

  /**
   * Returns the count, and resets it to 0.
   *
   * @returns `undefined` if the count is 0: a real read would block.
   */
  read(): bigint | undefined {
    return this.open('read').take();
  }

  /**
   * Adds to the count.
   *
   * @param value - From 0 to 2⁶⁴ − 2.
   * @returns `false` if the count would exceed 2⁶⁴ − 2: a real write would block, and the count stays as it is.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `value` is not such a bigint.
   */
  write(value: bigint): boolean {
    return this.open('write').add(checkCount('value', value));
  }
}

function checkCount(name: string, value: unknown): bigint {
  if (typeof value !== 'bigint') {
    throw invalidType(name, 'a bigint', value);
  }
  if (value < 0n || value > MAX_COUNT) {
    throw outOfRange(name, 'from 0n to 2n ** 64n - 2n', value);
  }
  return value;
}
