import { EventSet } from '@em/core';
import { invalidType, outOfRange } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

/** The highest count: `ULLONG_MAX - 1`, fs/eventfd.c. */
const MAX_COUNT = 2n ** 64n - 2n;

/** What an eventfd stands for. */
export class Counter extends OpenFile {
  #count: bigint;

  constructor(count: bigint) {
    super();
    this.#count = count;
  }

  override readiness(): EventSet {
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
    // A write of 0 wakes as well: the kernel does not look at the value.
    this.wakeUp(EventSet.IN);
    return true;
  }
}

/** A counter that is readable while it is above 0. */
export class FakeEventFd extends FakeFd<Counter> {
  static create(fds: FdTable, initial: bigint): FakeEventFd {
    return new FakeEventFd(fds, new Counter(checkCount('initial', initial)));
  }

  override dup(): FakeEventFd {
    return new FakeEventFd(this.fds, this.open('dup'));
  }

  /**
   * Takes the count and leaves 0.
   *
   * @returns `undefined` if it is 0: a real read would block.
   * @throws `EBADF` if this fd is closed.
   */
  read(): bigint | undefined {
    return this.open('read').take();
  }

  /**
   * Adds to the count.
   *
   * @param value - From 0 to 2⁶⁴ − 2.
   * @returns `false` if the count would go above 2⁶⁴ − 2: a real write would block. Nothing is added then.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if the value is not what it should be.
   * @throws `EBADF` if this fd is closed.
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
