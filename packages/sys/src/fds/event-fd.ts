import { checkBigint, checkBoolean, checkInteger, checkOptions } from '@em/core/check';
import { type Binding, binding } from '../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { fs } from '../builtins.js';
import { adopt } from './adopt.js';
import { CheckedFd, OwnedFd } from './owned-fd.js';

const { O_NONBLOCK } = fs.constants;
/** linux/eventfd.h. */
const EFD_SEMAPHORE = 1;
/** 2⁶⁴ − 1 is the one number that an eventfd cannot count to. */
const MAX_COUNT = 0xffff_ffff_ffff_fffen;
const SMALL = 0xffff_ffffn;

/** Options of {@link EventFd}. */
export interface EventFdOptions {
  /**
   * Makes `read` subtract 1 instead of the whole count, so that each of several readers takes one. Defaults to `false`.
   */
  readonly semaphore?: boolean | undefined;
}

/**
 * A counter that can be waited on: `IN` while it is above 0, `OUT` while 1 can be added to it.
 *
 * {@link OwnedFd} lists what every method throws.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/eventfd.2.html | eventfd(2)}
 */
export class EventFd extends OwnedFd {
  readonly #counter = new BigUint64Array(1);
  readonly #buffer = this.#counter.buffer;
  /** Only large values, or another owner, bring the counter near its maximum, where a write may block. */
  #mayBeFull: boolean;

  /**
   * @param initial - The initial count, 0 to 2³² − 1.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files, `ENOMEM`.
   */
  constructor(initial?: number, options?: EventFdOptions);
  constructor(initial: number | CheckedFd = 0, options: EventFdOptions = {}) {
    const adopted = CheckedFd.fdOf(initial);
    super(adopted ?? create(initial, options));
    this.#mayBeFull = adopted !== undefined;
  }

  /**
   * Takes over the fd of an existing eventfd, for example one that this process inherited; either mode will do. Sets
   * close-on-exec, and `O_NONBLOCK`, which belongs to the open file: it also changes for all who share the file. If
   * `adopt` throws, the fd is unchanged and still yours.
   *
   * Without `/proc`, only the file type is checked: an eventfd and a timerfd look alike then.
   *
   * @param fd - The object closes it from now on. In a worker, an fd that was opened by its path but not by this
   * package, for example by `fs.openSync`, is replaced by a duplicate and closed: use {@link OwnedFd.fd} from then on.
   * @throws EventManagerError `ERR_EM_WRONG_KIND` if the fd stands for something else.
   * @throws SystemError `EBADF` if the fd is not open, `EMFILE` if there are too many open files for a duplicate.
   */
  static adopt(fd: number): EventFd {
    return adopt(EventFd, fd, ['an eventfd']);
  }

  /**
   * Takes the count and sets the counter to 0. In semaphore mode, takes 1 and subtracts 1.
   *
   * @returns What was taken, or `undefined` if the count is 0: it would block.
   */
  read(): bigint | undefined {
    const read = checkedUnlessBlocked(binding().readCounter(this.fd, this.#buffer), 'read', this.fd);
    return read === undefined ? undefined : this.#counter[0];
  }

  /**
   * Adds to the counter.
   *
   * @param value - 0 to 2⁶⁴ − 2. Defaults to 1.
   * @returns `false` if the counter has no room for the value: it would block, and the counter is unchanged.
   */
  write(value: bigint = 1n): boolean {
    this.#counter[0] = checkBigint('value', value, 0n, MAX_COUNT);
    this.#mayBeFull ||= value > SMALL;
    const native = binding();
    const written = this.#mayBlock(native)
      ? native.writeAtOnce(this.fd, new Uint8Array(this.#buffer), 0, this.#buffer.byteLength)
      : native.writeCounter(this.fd, this.#buffer);
    return checkedUnlessBlocked(written, 'write', this.fd) !== undefined;
  }

  /** Another owner of the file can clear `O_NONBLOCK`. */
  #mayBlock(native: Binding): boolean {
    const flags = this.#mayBeFull ? native.getFlags(this.fd) : O_NONBLOCK;
    return flags >= 0 && (flags & O_NONBLOCK) === 0;
  }
}

function create(initial: unknown, options: EventFdOptions): number {
  const count = checkInteger('initial', initial, 0, 0xffff_ffff);
  const { semaphore = false } = checkOptions('options', options, ['semaphore']);
  const flags = checkBoolean('options.semaphore', semaphore) ? EFD_SEMAPHORE : 0;
  return checked(binding().eventfd(count, flags), 'eventfd');
}
