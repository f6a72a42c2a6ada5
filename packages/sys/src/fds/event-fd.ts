import { checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { checkBigint } from '../arguments/check-bigint.js';
import { OwnedFd } from './owned-fd.js';

/** 2⁶⁴ − 1 is the one number that an eventfd cannot count to. */
const MAX_COUNT = 0xffff_ffff_ffff_fffen;
const SMALL = 0xffff_ffffn;

/**
 * A counter that can be waited on: `IN` while it is above 0, `OUT` while 1 can be added to it.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/eventfd.2.html | eventfd(2)}
 */
export class EventFd extends OwnedFd {
  readonly #counter = new BigUint64Array(1);
  readonly #buffer = this.#counter.buffer;
  /** Only a counter that large values were added to comes near its highest, where a write may block. */
  #mayBeFull = false;

  /**
   * @param initial - What it starts from, 0 to 2³² − 1.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `initial` is not that.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files, `ENOMEM`.
   */
  constructor(initial: number = 0) {
    checkInteger('initial', initial, 0, 0xffff_ffff);
    super(checked(binding().eventfd(initial), 'eventfd'));
  }

  /**
   * Takes what was counted and sets the counter to 0.
   *
   * @returns The count, or `undefined` if it is 0: it would block.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  read(): bigint | undefined {
    const read = checkedUnlessBlocked(binding().readCounter(this.fd, this.#buffer), 'read', this.fd);
    return read === undefined ? undefined : this.#counter[0];
  }

  /**
   * Adds to the counter.
   *
   * @param value - 0 to 2⁶⁴ − 2; 1 if not given.
   * @returns `false` if the counter has no room for it, and is left as it was: it would block.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `value` is not that.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  write(value: bigint = 1n): boolean {
    this.#counter[0] = checkBigint('value', value, 0n, MAX_COUNT);
    this.#mayBeFull ||= value > SMALL;
    const native = binding();
    const written = this.#mayBeFull
      ? native.writeAtOnce(this.fd, new Uint8Array(this.#buffer), 0, this.#buffer.byteLength)
      : native.writeCounter(this.fd, this.#buffer);
    return checkedUnlessBlocked(written, 'write', this.fd) !== undefined;
  }
}
