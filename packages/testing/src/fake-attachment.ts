import type { Attachment } from '@em/core';
import type { Attached, Clock } from './clock.js';
import type { FakeEpoll } from './fake-epoll.js';
import { HostTurn } from './host-turn.js';

/**
 * Calls `onReady` in each turn of the host loop in which a wait would not block, or the alarm is due.
 *
 * ```text
 *   file changes, alarm is due ──► notify ──► HostTurn ──► ready? ──► onReady
 *                                     ▲                                  │ still ready
 *                                     └──────────────────────────────────┘
 * ```
 */
export class FakeAttachment implements Attachment, Attached {
  readonly #clock: Clock;
  readonly #epoll: () => FakeEpoll;
  readonly #onReady: () => void;
  #turn: HostTurn | undefined;
  #alarmMs = Number.POSITIVE_INFINITY;
  #hasRef = true;

  /** @param epoll - The instance at the time of the call: the poller replaces it in a rebuild. */
  constructor(clock: Clock, epoll: () => FakeEpoll, onReady: () => void) {
    this.#clock = clock;
    this.#epoll = epoll;
    this.#onReady = onReady;
    clock.attach(this);
    this.notify();
  }

  /** When the alarm is due: `Infinity` if none is set. */
  get alarmMs(): number {
    return this.#alarmMs;
  }

  /** Whether it would keep the host loop running on the kernel. */
  get hasRef(): boolean {
    return this.#hasRef && this.#clock.isAttached(this);
  }

  get isReady(): boolean {
    return this.#isAlarmDue || this.#epoll().isReady;
  }

  get reasons(): readonly string[] {
    const ready = this.#epoll().ready();
    return this.#isAlarmDue ? ['a timer of the manager', ...ready] : ready;
  }

  /** Call it when a file, or the time, has changed. */
  notify(): void {
    if (this.#clock.isAttached(this)) {
      this.#turn ??= new HostTurn(() => this.#serve(), this.#hasRef);
    }
  }

  setAlarm(timeMs: number): void {
    this.#alarmMs = timeMs;
    if (this.#isAlarmDue) {
      this.notify();
    }
  }

  ref(): void {
    this.#hasRef = true;
    this.#turn?.ref();
  }

  unref(): void {
    this.#hasRef = false;
    this.#turn?.unref();
  }

  detach(): void {
    this.#clock.detach(this);
    this.#turn?.cancel();
  }

  get #isAlarmDue(): boolean {
    return this.#alarmMs <= this.#clock.nowMs;
  }

  #serve(): void {
    this.#turn = undefined;
    if (this.#clock.isActing) {
      this.notify();
    } else if (this.isReady) {
      if (this.#isAlarmDue) {
        this.#alarmMs = Number.POSITIVE_INFINITY;
      }
      try {
        this.#onReady();
      } finally {
        this.notify();
      }
    }
  }
}
