import { invalidType } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked, checkedUnlessBlocked } from '../addon/system-error.js';
import { checkBigint } from '../arguments/check-bigint.js';
import { checkObject } from '../arguments/check-object.js';
import { adopt } from './adopt.js';
import { CheckedFd, OwnedFd } from './owned-fd.js';

/** Clock ids of linux/time.h, the same on every architecture. */
const CLOCKS = { monotonic: 1, realtime: 0 } as const;
/** linux/timerfd.h. */
const TFD_TIMER_ABSTIME = 1;
/** The latest time that the kernel knows, KTIME_MAX of linux/ktime.h: 292 years. */
const MAX_NS = 0x7fff_ffff_ffff_ffffn;

/** Options of {@link TimerFd}. */
export interface TimerFdOptions {
  /**
   * `'monotonic'`, the default, is that of `process.hrtime.bigint()`: nobody can set it. `'realtime'` is that of
   * `Date.now()`, and an `atNs` on it moves with the clock when that is set.
   */
  readonly clock?: 'monotonic' | 'realtime' | undefined;
}

/** When a {@link TimerFd} expires: at first `afterNs` or `atNs`, then `everyNs`; at least one is given. */
export type TimerSetting = TimerAfter | TimerAt;

/** From now on. */
export interface TimerAfter {
  /** First after so many nanoseconds, 0 to 2⁶³ − 1; after `everyNs` if not given. */
  readonly afterNs?: bigint | undefined;
  readonly atNs?: undefined;
  /** Then again and again after so many nanoseconds, 1 to 2⁶³ − 1; not again if not given. */
  readonly everyNs?: bigint | undefined;
}

/** At a time of its clock. */
export interface TimerAt {
  readonly afterNs?: undefined;
  /** First when the clock shows so many nanoseconds, 0 to 2⁶³ − 1; at once if that is past. */
  readonly atNs: bigint;
  /** As in {@link TimerAfter}. Those that are past already are counted too. */
  readonly everyNs?: bigint | undefined;
}

/** What is left of an armed {@link TimerFd}. `set` takes it, to go on later from where it was. */
export interface TimerRemaining {
  /** Nanoseconds to the next expiration. */
  readonly afterNs: bigint;
  /** Nanoseconds between those that follow, `undefined` if none does. */
  readonly everyNs: bigint | undefined;
}

/**
 * A timer that can be waited on: `IN` once it has expired, until that is read or it is set anew. It is not armed at
 * first.
 *
 * @example A beat every 100 ms
 * ```ts
 * using timer = new TimerFd();
 * timer.set({ everyNs: 100_000_000n });
 * manager.add(timer, EventSet.IN, () => console.log('beats:', timer.read()));
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/timerfd_create.2.html | timerfd_create(2)}
 */
export class TimerFd extends OwnedFd {
  readonly #times = new BigInt64Array(2);
  readonly #count = new BigUint64Array(1);
  readonly #countBuffer = this.#count.buffer;

  /**
   * @throws TypeError `ERR_INVALID_ARG_TYPE` for a wrong option.
   * @throws EventManagerError `ERR_EM_UNSUPPORTED_PLATFORM` if this is not Linux, or the addon does not load.
   * @throws SystemError `EMFILE`, `ENFILE` if there are too many open files, `ENOMEM`.
   */
  constructor(options?: TimerFdOptions);
  constructor(options: TimerFdOptions | CheckedFd = {}) {
    super(CheckedFd.fdOf(options) ?? create(options as TimerFdOptions));
  }

  /**
   * Takes over the fd of a timerfd that exists, and sets close-on-exec and `O_NONBLOCK`.
   *
   * @throws As {@link EventFd.adopt} does.
   */
  static adopt(fd: number): TimerFd {
    return adopt(TimerFd, fd, ['a timerfd']);
  }

  /**
   * Arms it, or sets it anew: expirations that were not read are forgotten.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if `setting` says no time, or both `afterNs` and `atNs`, or one that is no
   * bigint; RangeError `ERR_OUT_OF_RANGE` if one is out of range. It goes on as it was.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  set(setting: TimerSetting): void {
    const { firstNs, everyNs, flags } = checkSetting(setting);
    // The kernel takes a first expiration of 0 for "never".
    this.#setTime(flags, firstNs || 1n, everyNs);
  }

  /**
   * Stops it. Expirations that were not read are forgotten.
   *
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  disarm(): void {
    this.#setTime(0, 0n, 0n);
  }

  /**
   * What is left to the next expiration.
   *
   * @returns `undefined` if none is to come: it is not armed, or has expired for good.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  remaining(): TimerRemaining | undefined {
    checked(binding().timerfdGettime(this.fd, this.#times), 'timerfd_gettime', this.fd);
    const [afterNs = 0n, everyNs = 0n] = this.#times;
    return afterNs === 0n && everyNs === 0n ? undefined : { afterNs, everyNs: everyNs || undefined };
  }

  /**
   * Takes the expirations since it was last read, or set.
   *
   * @returns How many, or `undefined` if there is none: it would block.
   * @throws EventManagerError `ERR_EM_CLOSED` if it is closed.
   */
  read(): bigint | undefined {
    const read = checkedUnlessBlocked(binding().readCounter(this.fd, this.#countBuffer), 'read', this.fd);
    return read === undefined ? undefined : this.#count[0];
  }

  #setTime(flags: number, firstNs: bigint, everyNs: bigint): void {
    this.#times[0] = firstNs;
    this.#times[1] = everyNs;
    checked(binding().timerfdSettime(this.fd, flags, this.#times), 'timerfd_settime', this.fd);
  }
}

function create(options: TimerFdOptions): number {
  return checked(binding().timerfdCreate(clockOf(options)), 'timerfd_create');
}

function clockOf(options: TimerFdOptions): number {
  const { clock = 'monotonic' } = checkObject('options', options);
  if (clock !== 'monotonic' && clock !== 'realtime') {
    throw invalidType('options.clock', "'monotonic' or 'realtime'", clock);
  }
  return CLOCKS[clock];
}

function checkSetting(setting: TimerSetting): { firstNs: bigint; everyNs: bigint; flags: number } {
  const { afterNs, atNs, everyNs } = checkObject('setting', setting);
  if (afterNs !== undefined && atNs !== undefined) {
    throw invalidType('setting', 'an object with afterNs or atNs, not both', setting);
  }
  const interval = everyNs === undefined ? 0n : checkBigint('setting.everyNs', everyNs, 1n, MAX_NS);
  if (atNs !== undefined) {
    return { firstNs: checkBigint('setting.atNs', atNs, 0n, MAX_NS), everyNs: interval, flags: TFD_TIMER_ABSTIME };
  }
  const first = afterNs === undefined ? everyNs : afterNs;
  if (first === undefined) {
    throw invalidType('setting', 'an object with afterNs, atNs or everyNs', setting);
  }
  return { firstNs: checkBigint('setting.afterNs', first, 0n, MAX_NS), everyNs: interval, flags: 0 };
}
