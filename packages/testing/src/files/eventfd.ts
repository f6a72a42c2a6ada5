import { EventSet } from '@em/core';
import { checkBigint, checkBoolean, checkInteger, checkOptions } from '@em/core/check';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

/** The highest count: `ULLONG_MAX - 1`, fs/eventfd.c. */
const MAX_COUNT = 2n ** 64n - 2n;

/** The file behind an eventfd. */
export class Counter extends OpenFile {
  #count: bigint;
  readonly #isSemaphore: boolean;

  constructor(count: bigint, isSemaphore = false) {
    super();
    this.#count = count;
    this.#isSemaphore = isSemaphore;
  }

  override events(): EventSet {
    return (this.#count > 0n ? EventSet.IN : 0) | (this.#count < MAX_COUNT ? EventSet.OUT : 0);
  }

  take(): bigint | undefined {
    if (this.#count === 0n) {
      return undefined;
    }
    const taken = this.#isSemaphore ? 1n : this.#count;
    this.#count -= taken;
    this.wakeUp(EventSet.OUT);
    return taken;
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

/** Options of `FakePoller.eventfd`. */
export interface FakeEventFdOptions {
  /** Makes `read` subtract 1 instead of the whole count. Defaults to `false`. */
  readonly semaphore?: boolean | undefined;
}

/** A fake of `EventFd` of `@em/sys`. {@link FakeFd} says what every method throws. */
export class FakeEventFd extends FakeFd<Counter> {
  static create(fds: FdTable, initial: number, options: FakeEventFdOptions): FakeEventFd {
    const count = checkInteger('initial', initial, 0, 0xffff_ffff);
    const { semaphore = false } = checkOptions('options', options, ['semaphore']);
    return new FakeEventFd(fds, new Counter(BigInt(count), checkBoolean('options.semaphore', semaphore)));
  }

  override dup(): FakeEventFd {
    return new FakeEventFd(this.fds, this.open());
  }

  /**
   * Takes the count and sets the counter to 0. In semaphore mode, takes 1 and subtracts 1.
   *
   * @returns What was taken, or `undefined` if the count is 0: it would block.
   */
  read(): bigint | undefined {
    return this.open().take();
  }

  /**
   * Adds to the counter.
   *
   * @param value - 0 to 2⁶⁴ − 2. Defaults to 1.
   * @returns `false` if the counter has no room for the value: it would block, and the counter is unchanged.
   */
  write(value: bigint = 1n): boolean {
    return this.open().add(checkBigint('value', value, 0n, MAX_COUNT));
  }
}
