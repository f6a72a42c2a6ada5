import { checkInteger } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { checkBigint } from '../arguments/check-bigint.js';
import { adopt } from './adopt.js';
import { CheckedFd, OwnedFd } from './owned-fd.js';

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
  constructor(initial?: number);
  constructor(initial: number | CheckedFd = 0) {
    super(CheckedFd.fdOf(initial) ?? create(initial));
  }

  /**
   * Takes over the fd of an eventfd that exists, for example one that this process inherited. Sets close-on-exec, and
   * `O_NONBLOCK` for everybody who shares the eventfd. If it throws, the fd is unchanged and still yours.
   *
   * Without `/proc` it cannot distinguish an eventfd from a timerfd and the like, and accepts them all.
   *
   * @param fd - Only the object closes it from now on. In a worker, a file that was not opened by this package but by its path,
   * for example by `fs.openSync`, gets another number, and `fd` is closed: use {@link OwnedFd.fd} from then on.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` if `fd` cannot be an fd.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if the fd stands for something else.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EBADF` if the fd is not open, `EMFILE` if it needs another number and too many files are open.
   */
  static adopt(fd: number): EventFd {
    return adopt(EventFd, fd, ['an eventfd']);
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

function create(initial: unknown): number {
  return checked(binding().eventfd(checkInteger('initial', initial, 0, 0xffff_ffff)), 'eventfd');
}
