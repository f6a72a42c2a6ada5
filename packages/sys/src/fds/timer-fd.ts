import { constants } from 'node:os';
import { checkBigint, checkBoolean, checkOptions, invalidType } from '@em/core/check';
import { binding } from '../addon/binding.js';
import { checked, checkedUnlessBlocked, systemError } from '../addon/system-error.js';
import { adopt } from './adopt.js';
import { CheckedFd, OwnedFd } from './owned-fd.js';

const { EPERM } = constants.errno;
/** Clock ids of linux/time.h, the same on every architecture. */
const CLOCKS = { monotonic: 1, realtime: 0, boottime: 7, 'realtime-alarm': 8, 'boottime-alarm': 9 } as const;
/** linux/timerfd.h. */
const TFD_TIMER_ABSTIME = 1;
const TFD_TIMER_CANCEL_ON_SET = 2;
/** The latest time that the kernel knows, KTIME_MAX of linux/ktime.h: 292 years. */
const MAX_NS = 0x7fff_ffff_ffff_ffffn;

type Clock = keyof typeof CLOCKS;

/** Options of {@link TimerFd}. */
export interface TimerFdOptions {
  /**
   * The clock that the timer follows. Defaults to `'monotonic'`.
   *
   * - `'monotonic'` is the clock of `process.hrtime.bigint()`. It cannot be set, and it stops while the machine is
   *   suspended.
   * - `'boottime'` is the same, but goes on while the machine is suspended.
   * - `'realtime'` is the clock of `Date.now()`. If it is set, an `atNs` moves with it.
   * - `'boottime-alarm'` and `'realtime-alarm'` also wake the machine from suspend. They need the capability
   *   `CAP_WAKE_ALARM`.
   */
  readonly clock?: 'monotonic' | 'boottime' | 'realtime' | 'boottime-alarm' | 'realtime-alarm' | undefined;
}

/** When a {@link TimerFd} expires: first `afterNs` or `atNs`, then `everyNs`. At least one of them is required. */
export type TimerSetting = TimerAfter | TimerAt;

/** A time from now. */
export interface TimerAfter {
  /** Nanoseconds to the first expiration, 0 to 2⁶³ − 1. Defaults to `everyNs`. */
  readonly afterNs?: bigint | undefined;
  readonly atNs?: undefined;
  /** Nanoseconds between expirations after the first, 1 to 2⁶³ − 1. By default there is only one expiration. */
  readonly everyNs?: bigint | undefined;
  readonly cancelOnSet?: undefined;
}

/** A time of the clock of the timer. */
export interface TimerAt {
  readonly afterNs?: undefined;
  /** The time of the first expiration in nanoseconds of the clock, 0 to 2⁶³ − 1. A past time expires at once. */
  readonly atNs: bigint;
  /** As in {@link TimerAfter}. Expirations in the past are counted too. */
  readonly everyNs?: bigint | undefined;
  /**
   * Reports when the clock is set, so that you can compute `atNs` again: the timer reports `IN`, and the next `read`
   * throws `ECANCELED`. Only for the clocks `'realtime'` and `'realtime-alarm'`; the kernel ignores it for an adopted
   * timer with another clock. Defaults to `false`.
   */
  readonly cancelOnSet?: boolean | undefined;
}

/** The time left to an armed {@link TimerFd}. Pass it to `set` to go on later from there. */
export interface TimerRemaining {
  /** Nanoseconds to the next expiration. */
  readonly afterNs: bigint;
  /** Nanoseconds between the expirations that follow, `undefined` if none follows. */
  readonly everyNs: bigint | undefined;
}

/**
 * A timer that can be waited on: `IN` from its expiration until you read it or set it again. A new timer is not armed.
 *
 * {@link OwnedFd} lists what every method throws.
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
  /** `undefined` for an adopted timer. */
  readonly #clock: Clock | undefined;

  /**
   * @throws SystemError `EPERM` for an alarm clock without the capability `CAP_WAKE_ALARM`; `EMFILE`, `ENFILE` if there
   * are too many open files; `ENOMEM`.
   */
  constructor(options?: TimerFdOptions);
  constructor(options: TimerFdOptions | CheckedFd = {}) {
    const adopted = CheckedFd.fdOf(options);
    const clock = adopted === undefined ? clockOf(options as TimerFdOptions) : undefined;
    super(adopted ?? create(clock ?? 'monotonic'));
    this.#clock = clock;
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
   * Arms the timer, or sets it again. Expirations that were not read are dropped.
   *
   * @throws SystemError `ECANCELED` if the clock was set since the last setting with `cancelOnSet`, and no `read` has
   * reported that. The timer is armed, but `atNs` may be out of date.
   * @throws SystemError `EPERM` for an alarm clock, if the process has lost the capability `CAP_WAKE_ALARM`.
   */
  set(setting: TimerSetting): void {
    const { firstNs, everyNs, flags } = checkSetting(setting, this.#clock);
    // The kernel interprets a first expiration of 0 as "never".
    this.#setTime(flags, firstNs || 1n, everyNs);
  }

  /** Stops the timer. Expirations that were not read are dropped. */
  disarm(): void {
    this.#setTime(0, 0n, 0n);
  }

  /**
   * Returns the time left to the next expiration.
   *
   * @returns `undefined` if no expiration is to come: the timer is not armed, or its last expiration is over.
   */
  remaining(): TimerRemaining | undefined {
    checked(binding().timerfdGettime(this.fd, this.#times), 'timerfd_gettime', this.fd);
    const [afterNs = 0n, everyNs = 0n] = this.#times;
    return afterNs === 0n && everyNs === 0n ? undefined : { afterNs, everyNs: everyNs || undefined };
  }

  /**
   * Takes the number of expirations since the last `read` or `set`.
   *
   * @returns `undefined` if there was no expiration: it would block.
   * @throws SystemError `ECANCELED`, once, if the clock was set and the timer was set with `cancelOnSet`. Then
   * compute the time and call `set` again.
   *
   * @example An alarm clock that follows the wall clock
   * ```ts
   * const timer = new TimerFd({ clock: 'realtime' });
   * const arm = () => timer.set({ atNs: nextMidnight(), cancelOnSet: true });
   * arm();
   * manager.add(timer, EventSet.IN, () => {
   *   try {
   *     timer.read();
   *     console.log('midnight');
   *   } catch (error) {
   *     if (error.code !== 'ECANCELED') {
   *       throw error;
   *     }
   *     console.log('the clock was set');
   *   }
   *   arm();
   * });
   * ```
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

function clockOf(options: TimerFdOptions): Clock {
  const { clock = 'monotonic' } = checkOptions('options', options, ['clock']);
  if (typeof clock !== 'string' || !Object.hasOwn(CLOCKS, clock)) {
    throw invalidType('options.clock', `one of ${Object.keys(CLOCKS).join(', ')}`, clock);
  }
  return clock;
}

function create(clock: Clock): number {
  const fd = binding().timerfdCreate(CLOCKS[clock]);
  if (fd === -EPERM) {
    const error = systemError(fd, 'timerfd_create');
    error.message += `: the clock "${clock}" needs the capability CAP_WAKE_ALARM`;
    throw error;
  }
  return checked(fd, 'timerfd_create');
}

function checkSetting(
  setting: TimerSetting,
  clock: Clock | undefined,
): { firstNs: bigint; everyNs: bigint; flags: number } {
  const {
    afterNs,
    atNs,
    everyNs,
    cancelOnSet = false,
  } = checkOptions('setting', setting, ['afterNs', 'atNs', 'everyNs', 'cancelOnSet']);
  if (afterNs !== undefined && atNs !== undefined) {
    throw invalidType('setting', 'an object with afterNs or atNs, not both', setting);
  }
  const cancel = checkCancelOnSet(cancelOnSet, atNs, clock) ? TFD_TIMER_CANCEL_ON_SET : 0;
  const interval = everyNs === undefined ? 0n : checkBigint('setting.everyNs', everyNs, 1n, MAX_NS);
  if (atNs !== undefined) {
    const firstNs = checkBigint('setting.atNs', atNs, 0n, MAX_NS);
    return { firstNs, everyNs: interval, flags: TFD_TIMER_ABSTIME | cancel };
  }
  const first = afterNs === undefined ? everyNs : afterNs;
  if (first === undefined) {
    throw invalidType('setting', 'an object with afterNs, atNs or everyNs', setting);
  }
  return { firstNs: checkBigint('setting.afterNs', first, 0n, MAX_NS), everyNs: interval, flags: 0 };
}

/** The kernel would ignore `cancelOnSet` with a time from now, or with a clock that cannot be set. */
function checkCancelOnSet(cancelOnSet: boolean, atNs: unknown, clock: Clock | undefined): boolean {
  if (checkBoolean('setting.cancelOnSet', cancelOnSet) && atNs === undefined) {
    throw invalidType('setting.cancelOnSet', 'left out without atNs', cancelOnSet);
  }
  if (cancelOnSet && clock !== undefined && !clock.startsWith('realtime')) {
    throw invalidType('setting.cancelOnSet', `left out for the clock "${clock}", which cannot be set`, cancelOnSet);
  }
  return cancelOnSet;
}
