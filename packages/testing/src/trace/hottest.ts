import { EventSet } from '@em/core';
import { type CallStep, nameOf, type Recording, type TimerStep, type WaitStep } from './recording.js';

const ALWAYS_REPORTED = EventSet.ERROR | EventSet.HANG_UP;
const MODES = EventSet.WAKE_UP | EventSet.EXCLUSIVE | EventSet.ONE_SHOT | EventSet.EDGE_TRIGGERED;
/** An event that is reported by fewer waits in a row than this may come from an ordinary burst. */
const SPIN_WAITS = 100;
/** A wait that takes longer has blocked. One that does not block takes about a tenth of it. */
const BLOCKED_MS = 0.005;
/** On a busy machine, a few waits take long although they do not block. */
const MAX_BLOCKED = 0.2;
/** Under `run`, the turn of a host loop that does not block takes about a fifth of this. */
const IDLE_TURN_MS = 0.05;

/**
 * Why a registration is called again and again:
 *
 * - `hang-up`: its interest has nothing that is true. ERROR or HANG_UP is, and they are always reported.
 * - `async`: it is level-triggered, and its callback is called again before the promise of the last call has settled.
 * - `ignored`: it is reported, but no callback is called: the registration has ended, or wants nothing of it.
 * - `not-consumed`: each wait reports the same events at once. The callback does not end them, or new ones come as fast.
 */
export type SpinReason = 'hang-up' | 'async' | 'ignored' | 'not-consumed';

/** What a recording says about a registration, or about all timers with the same label. */
export interface HotSpot {
  /** `undefined` for timers. */
  readonly fd: number | undefined;
  readonly label: string | undefined;
  /** The interest. `undefined` for timers, and if the recording does not contain it. */
  readonly interest: EventSet | undefined;
  /** All events that were reported. */
  readonly events: EventSet;
  /** How many waits have reported it. */
  readonly reports: number;
  /** How often its callback was called. */
  readonly calls: number;
  /** The same per second, over the time of the whole recording. `Infinity` if no time has passed. */
  readonly callsPerSecond: number;
  /** The time in its callback. */
  readonly tookMs: number;
  /** Why it makes the loop spin, if it does. */
  readonly reason: SpinReason | undefined;
  /** All of it in a sentence. */
  readonly message: string;
}

/** Counts for one {@link HotSpot}. */
class Count {
  readonly fd: number | undefined;
  label: string | undefined;
  interest: EventSet | undefined;
  events: EventSet = EventSet.EMPTY;
  lastEvents: EventSet = EventSet.EMPTY;
  reports = 0;
  calls = 0;
  overlaps = 0;
  tookMs = 0;
  /** The number of the last wait that reported it. */
  lastWait = Number.NEGATIVE_INFINITY;
  /** The present series of waits in a row that all reported the same events of it. */
  #streak = 0;
  /** How many of these have blocked. */
  #blocked = 0;
  #streakFromMs = 0;
  #streakCallsMs = 0;
  /** Whether a series was long enough. */
  spins = false;

  constructor(fd: number | undefined, label: string | undefined) {
    this.fd = fd;
    this.label = label;
  }

  report(events: EventSet, number: number, wait: WaitStep, callsMs: number): void {
    this.reports++;
    this.events = EventSet.union(this.events, events);
    if (this.lastWait !== number - 1 || events !== this.lastEvents) {
      this.#streak = this.#blocked = 0;
      this.#streakFromMs = wait.atMs;
      this.#streakCallsMs = callsMs;
    }
    this.#streak++;
    this.#blocked += Number((wait.waitedMs ?? 0) >= BLOCKED_MS);
    this.lastWait = number;
    this.lastEvents = events;
    if (this.#streak >= SPIN_WAITS && this.#blocked < this.#streak * MAX_BLOCKED) {
      const idleMs = wait.atMs - this.#streakFromMs - (callsMs - this.#streakCallsMs);
      this.spins ||= idleMs < this.#streak * IDLE_TURN_MS;
    }
  }

  call({ label, tookMs = 0, overlaps }: CallStep | TimerStep): void {
    this.label = label;
    this.calls++;
    this.tookMs += tookMs;
    this.overlaps += Number(overlaps ?? 0);
  }

  get reason(): SpinReason | undefined {
    const modes = this.interest ?? EventSet.EMPTY;
    const isSilent = (modes & (EventSet.EDGE_TRIGGERED | EventSet.ONE_SHOT)) !== 0;
    if (this.overlaps > 0 && !isSilent) {
      return 'async';
    }
    if (!this.spins) {
      return undefined;
    }
    if (this.calls === 0) {
      return 'ignored';
    }
    if (isSilent) {
      return undefined;
    }
    const wanted = EventSet.difference(this.interest ?? EventSet.ALL, EventSet.union(ALWAYS_REPORTED, MODES));
    return (this.lastEvents & wanted) === 0 ? 'hang-up' : 'not-consumed';
  }

  toHotSpot(spanMs: number): HotSpot {
    const { fd, label, interest, events, reports, calls, tookMs, reason } = this;
    const callsPerSecond = spanMs > 0 ? (calls / spanMs) * 1_000 : Number.POSITIVE_INFINITY;
    const spot = { fd, label, interest, events, reports, calls, callsPerSecond, tookMs, reason };
    return { ...spot, message: messageOf(spot) };
  }
}

/** Counts what a recording contains. Busiest first; what makes the loop spin before everything else. */
export function hottest({ steps }: Recording): HotSpot[] {
  const counts = new Map<number | string, Count>();
  const find = (key: number | string, fd?: number, label?: string): Count => {
    const found = counts.get(key) ?? new Count(fd, label);
    counts.set(key, found);
    return found;
  };
  let waits = 0;
  let callsMs = 0;
  for (const step of steps) {
    switch (step.op) {
      case 'add':
      case 'modify':
        if (step.error === undefined) {
          const count = find(step.generation, step.fd);
          count.label = step.label;
          count.interest = step.events;
        }
        break;
      case 'wait':
        waits++;
        for (const [fd, events, generation] of step.ready) {
          find(generation, fd).report(events, waits, step, callsMs);
        }
        break;
      case 'call':
        find(step.generation, step.fd).call(step);
        callsMs += step.tookMs ?? 0;
        break;
      case 'timer':
        find(`timer ${step.label}`, undefined, step.label).call(step);
        callsMs += step.tookMs ?? 0;
        break;
      default:
    }
  }
  const spanMs = (steps.at(-1)?.atMs ?? 0) - (steps[0]?.atMs ?? 0);
  return [...counts.values()]
    .filter(({ reports, calls }) => reports + calls > 0)
    .sort(
      (a, b) =>
        Number(b.reason !== undefined) - Number(a.reason !== undefined) ||
        Math.max(b.calls, b.reports) - Math.max(a.calls, a.reports),
    )
    .map((count) => count.toHotSpot(spanMs));
}

const ADVICE: Readonly<Record<SpinReason, string>> = {
  'hang-up': 'ERROR and HANG_UP are always reported, whether or not it asks for them: call pause() or delete()',
  async: 'it is called again before the promise of its last call has settled: add it with serial: true',
  ignored: 'no registration wants the event: call audit() of the manager to find the file',
  'not-consumed': 'each wait reports it again: read, write or accept until it would block, or call pause()',
};

function messageOf(spot: Omit<HotSpot, 'message'>): string {
  const { fd, label, events, reports, calls, callsPerSecond, reason } = spot;
  const reported = fd === undefined ? '' : `, ${EventSet.format(events)} in ${reports} waits`;
  const rate = Number.isFinite(callsPerSecond) ? ` (${Math.round(callsPerSecond)} per second)` : '';
  const advice = reason === undefined ? '' : `; ${ADVICE[reason]}`;
  return `${nameOf(fd, label)}: ${calls} calls${rate}${reported}${advice}`;
}
