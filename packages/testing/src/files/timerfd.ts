import { EventSet } from '@em/core';
import { checkBigint, checkBoolean, checkOptions, invalidType } from '@em/core/check';
import type { Clock } from '../clock.js';
import { systemError } from '../errors.js';
import type { FdTable } from '../fd-table.js';
import { FakeFd } from './fake-fd.js';
import { OpenFile } from './open-file.js';

const NS_PER_MS = 1e6;
/** The latest time that the kernel knows, `KTIME_MAX` of linux/ktime.h. */
const MAX_NS = 0x7fff_ffff_ffff_ffffn;
const CLOCKS = ['monotonic', 'realtime', 'boottime', 'realtime-alarm', 'boottime-alarm'] as const;

/** Options of `FakePoller.timerfd`. */
export interface FakeTimerFdOptions {
  /** The clock that the timer follows. All clocks are that of the poller. Defaults to `'monotonic'`. */
  readonly clock?: 'monotonic' | 'boottime' | 'realtime' | 'boottime-alarm' | 'realtime-alarm' | undefined;
}

/** When a {@link FakeTimerFd} expires: the `TimerSetting` of `@em/sys`. */
export type FakeTimerSetting =
  | {
      readonly afterNs?: bigint | undefined;
      readonly atNs?: undefined;
      readonly everyNs?: bigint | undefined;
      readonly cancelOnSet?: undefined;
    }
  | {
      readonly afterNs?: undefined;
      readonly atNs: bigint;
      readonly everyNs?: bigint | undefined;
      readonly cancelOnSet?: boolean | undefined;
    };

/** The time left to an armed {@link FakeTimerFd}. */
export interface FakeTimerRemaining {
  readonly afterNs: bigint;
  readonly everyNs: bigint | undefined;
}

interface Plan {
  readonly atNs: bigint;
  readonly everyNs: bigint;
  readonly cancelOnSet: boolean;
}

/** A timer on the clock of the poller. See fs/timerfd.c. */
class Timer extends OpenFile {
  readonly #clock: Clock;
  /** When it expires, or expired last; `undefined` if it is not armed. */
  #atNs: bigint | undefined;
  #everyNs = 0n;
  #ticks = 0n;
  /** Whether it has expired and does not run: a periodic timer stops until a read, or a look at the time left. */
  #expired = false;
  #cancelOnSet = false;
  #wasCanceled = false;
  #unplan: (() => void) | undefined;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  get nowNs(): bigint {
    return BigInt(Math.round(this.#clock.nowMs * NS_PER_MS));
  }

  override events(): EventSet {
    return this.#ticks > 0n ? EventSet.IN : EventSet.EMPTY;
  }

  set({ atNs, everyNs, cancelOnSet }: Plan): void {
    this.disarm();
    const wasCanceled = this.#wasCanceled && cancelOnSet;
    this.#everyNs = everyNs;
    this.#cancelOnSet = cancelOnSet;
    this.#wasCanceled = false;
    this.#start(atNs);
    if (wasCanceled) {
      throw systemError('ECANCELED', 'timerfd_settime');
    }
  }

  disarm(): void {
    this.#unplan?.();
    this.#atNs = undefined;
    this.#everyNs = 0n;
    this.#ticks = 0n;
    this.#expired = false;
    this.#cancelOnSet = false;
  }

  remaining(): FakeTimerRemaining | undefined {
    if (this.#expired && this.#everyNs > 0n) {
      this.#goOn();
    }
    if (this.#atNs === undefined || this.#expired) {
      return undefined;
    }
    return { afterNs: this.#atNs - this.nowNs, everyNs: this.#everyNs || undefined };
  }

  read(): bigint | undefined {
    if (this.#wasCanceled) {
      this.#wasCanceled = false;
      this.#ticks = 0n;
      this.#expired = false;
      throw systemError('ECANCELED', 'read');
    }
    if (this.#ticks === 0n) {
      return undefined;
    }
    if (this.#expired && this.#everyNs > 0n) {
      this.#goOn();
    }
    const ticks = this.#ticks;
    this.#ticks = 0n;
    return ticks;
  }

  clockWasSet(): void {
    if (this.#cancelOnSet) {
      this.#wasCanceled = true;
      this.#ticks++;
      this.wakeUp(EventSet.IN);
    }
  }

  protected override release(): void {
    this.disarm();
  }

  #start(atNs: bigint): void {
    this.#atNs = atNs;
    const inNs = atNs - this.nowNs;
    if (inNs <= 0n) {
      this.#expire();
    } else {
      this.#unplan = this.#clock.after(Number(inNs) / NS_PER_MS, () => this.#expire());
    }
  }

  #expire(): void {
    this.#expired = true;
    this.#ticks++;
    this.wakeUp(EventSet.IN);
  }

  /** Counts the periods that have passed since it expired, and starts the next one: `hrtimer_forward_now`. */
  #goOn(): void {
    const lastNs = this.#atNs as bigint;
    const late = (this.nowNs - lastNs) / this.#everyNs;
    this.#ticks += late;
    this.#expired = false;
    this.#start(lastNs + (late + 1n) * this.#everyNs);
  }
}

/**
 * A fake of `TimerFd` of `@em/sys`, on the clock of the poller. A periodic timer reports one edge until it is read, as a
 * real one does, and counts the periods.
 *
 * {@link FakeFd} says what every method throws.
 */
export class FakeTimerFd extends FakeFd<Timer> {
  /** Whether it follows a clock that can be set. */
  readonly #isSettable: boolean;

  private constructor(fds: FdTable, timer: Timer, isSettable: boolean) {
    super(fds, timer);
    this.#isSettable = isSettable;
  }

  static create(fds: FdTable, clock: Clock, options: FakeTimerFdOptions): FakeTimerFd {
    const { clock: name = 'monotonic' } = checkOptions('options', options, ['clock']);
    if (!CLOCKS.includes(name)) {
      throw invalidType('options.clock', `one of ${CLOCKS.join(', ')}`, name);
    }
    return new FakeTimerFd(fds, new Timer(clock), name.startsWith('realtime'));
  }

  override dup(): FakeTimerFd {
    return new FakeTimerFd(this.fds, this.open(), this.#isSettable);
  }

  /**
   * Arms the timer, or sets it again. Expirations that were not read are dropped.
   *
   * @throws SystemError `ECANCELED` if the clock was set since the last setting with `cancelOnSet`, and no `read` has
   * reported that. The timer is armed.
   */
  set(setting: FakeTimerSetting): void {
    const { afterNs, atNs, everyNs, cancelOnSet } = this.#check(setting);
    const timer = this.open();
    timer.set({ atNs: atNs ?? timer.nowNs + (afterNs || 1n), everyNs, cancelOnSet });
  }

  /** Stops the timer. Expirations that were not read are dropped. */
  disarm(): void {
    this.open().disarm();
  }

  /** Returns the time left to the next expiration; `undefined` if no expiration is to come. */
  remaining(): FakeTimerRemaining | undefined {
    return this.open().remaining();
  }

  /**
   * Takes the number of expirations since the last `read` or `set`.
   *
   * @returns `undefined` if there was no expiration: it would block.
   * @throws SystemError `ECANCELED`, once, if {@link FakeTimerFd.clockWasSet} was called and the timer was set with
   * `cancelOnSet`.
   */
  read(): bigint | undefined {
    return this.open().read();
  }

  /** Behaves as if the clock was set: a timer that was set with `cancelOnSet` reports it. The time stays as it is. */
  clockWasSet(): void {
    this.open().clockWasSet();
  }

  #check(setting: FakeTimerSetting): {
    afterNs: bigint;
    atNs: bigint | undefined;
    everyNs: bigint;
    cancelOnSet: boolean;
  } {
    const {
      afterNs,
      atNs,
      everyNs,
      cancelOnSet = false,
    } = checkOptions('setting', setting, ['afterNs', 'atNs', 'everyNs', 'cancelOnSet']);
    if (afterNs !== undefined && atNs !== undefined) {
      throw invalidType('setting', 'an object with afterNs or atNs, not both', setting);
    }
    if (checkBoolean('setting.cancelOnSet', cancelOnSet) && (atNs === undefined || !this.#isSettable)) {
      throw invalidType(
        'setting.cancelOnSet',
        'left out without atNs, and for a clock that cannot be set',
        cancelOnSet,
      );
    }
    const everyOrNone = everyNs === undefined ? 0n : checkBigint('setting.everyNs', everyNs, 1n, MAX_NS);
    if (atNs !== undefined) {
      checkBigint('setting.atNs', atNs, 0n, MAX_NS);
      return { afterNs: 0n, atNs, everyNs: everyOrNone, cancelOnSet };
    }
    const first = afterNs === undefined ? everyNs : afterNs;
    if (first === undefined) {
      throw invalidType('setting', 'an object with afterNs, atNs or everyNs', setting);
    }
    return { afterNs: checkBigint('setting.afterNs', first, 0n, MAX_NS), atNs, everyNs: everyOrNone, cancelOnSet };
  }
}
