import { invalidType, outOfRange } from './check.js';
import { conflictingEvents } from './errors.js';

/**
 * A set of events: an unsigned 32-bit number with one bit per event, and the values of `<sys/epoll.h>`.
 *
 * Test it with `events & EventSet.IN`, never with `===`: besides the events that you want, the kernel reports others
 * that are true. The end of a stream often comes as `IN|HANG_UP`.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/epoll_ctl.2.html | epoll_ctl(2)}
 */
export type EventSet = number;

/** The name of one event, a key of {@link EventSet}. */
export type EventName =
  | 'IN'
  | 'PRIORITY'
  | 'OUT'
  | 'ERROR'
  | 'HANG_UP'
  | 'READ_HANG_UP'
  | 'EXCLUSIVE'
  | 'WAKE_UP'
  | 'ONE_SHOT'
  | 'EDGE_TRIGGERED';

/**
 * `N`, unless it is a list of literals with EXCLUSIVE and a name that EXCLUSIVE forbids. Then it is the list without
 * such names, so that the compiler reports them.
 */
type CompatibleNames<N extends readonly EventName[]> = EventName extends N[number]
  ? N
  : 'EXCLUSIVE' extends N[number]
    ? readonly Exclude<EventName, 'PRIORITY' | 'READ_HANG_UP' | 'ONE_SHOT'>[]
    : N;

const NAMES: readonly EventName[] = [
  'IN',
  'PRIORITY',
  'OUT',
  'ERROR',
  'HANG_UP',
  'READ_HANG_UP',
  'EXCLUSIVE',
  'WAKE_UP',
  'ONE_SHOT',
  'EDGE_TRIGGERED',
];

/**
 * The events, and pure functions over sets of them. Every set that they return is unsigned; a set that you pass may be
 * negative, as `1 << 31` is.
 *
 * @example Reading a set
 * ```ts
 * import { EventSet } from '@em/core';
 *
 * const interest = EventSet.IN | EventSet.READ_HANG_UP;
 * EventSet.format(interest); // 'IN|READ_HANG_UP'
 * EventSet.has(interest, EventSet.IN); // true
 * ```
 */
export const EventSet = {
  /** No event. A registration with this interest still gets `ERROR` and `HANG_UP`. */
  EMPTY: 0x0000_0000,
  /**
   * There is data to read, or a connection to accept. Usually also reported at the end of a stream, but a pipe then
   * reports only `HANG_UP`.
   */
  IN: 0x0000_0001,
  /** An exceptional condition: TCP urgent data, a changed sysfs attribute, a pty in packet mode. */
  PRIORITY: 0x0000_0002,
  /** A write would not block; or a socket has connected, or failed to. */
  OUT: 0x0000_0004,
  /** An error is pending, or the reader of this pipe is gone. Always reported, whether or not you want it. */
  ERROR: 0x0000_0008,
  /** Both directions are closed, or the writer of this pipe is gone. Always reported, whether or not you want it. */
  HANG_UP: 0x0000_0010,
  /** The peer will send no more. Reported only if you want it. */
  READ_HANG_UP: 0x0000_2000,
  /**
   * Wakes one of several epoll instances that watch the same file, if threads block in `wait()`. Under `run()` all of them
   * are woken, because there the thread blocks in the event loop of the host. Not with PRIORITY, READ_HANG_UP or ONE_SHOT.
   */
  EXCLUSIVE: 0x1000_0000,
  /** Keeps the system from suspending while the event is handled. Needs `CAP_BLOCK_SUSPEND`, else it is ignored. */
  WAKE_UP: 0x2000_0000,
  /** Reports once, then is silent until you re-arm it. */
  ONE_SHOT: 0x4000_0000,
  /** Reports only when something new happens, for example when more data comes. Read or write until it would block. */
  EDGE_TRIGGERED: 0x8000_0000,
  /** Every event that exists. */
  ALL: 0xf000_201f,

  /** Whether `events` contains all of `wanted`. */
  has(events: EventSet, wanted: EventSet): boolean {
    return (events & wanted) === (wanted | 0);
  },

  /** Whether `events` and `others` have an event in common. */
  intersects(events: EventSet, others: EventSet): boolean {
    return (events & others) !== 0;
  },

  /** The events of both. */
  union(events: EventSet, others: EventSet): EventSet {
    return (events | others) >>> 0;
  },

  /** The events that both have. */
  intersection(events: EventSet, others: EventSet): EventSet {
    return (events & others) >>> 0;
  },

  /** The events of `events` that `others` does not have. */
  difference(events: EventSet, others: EventSet): EventSet {
    return (events & ~others) >>> 0;
  },

  /** The events that exactly one of them has. */
  symmetricDifference(events: EventSet, others: EventSet): EventSet {
    return (events ^ others) >>> 0;
  },

  /** The events of {@link EventSet.ALL} that `events` does not have. */
  complement(events: EventSet): EventSet {
    return (EventSet.ALL & ~events) >>> 0;
  },

  /**
   * The set of the named events. The compiler refuses a list of literals that the kernel would refuse.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE` if a name is not the name of an event.
   */
  fromNames<const N extends readonly EventName[]>(names: N & CompatibleNames<N>): EventSet {
    let events = 0;
    for (const name of names) {
      if (!NAMES.includes(name)) {
        throw outOfRange('name', `one of ${NAMES.join(', ')}`, name);
      }
      events |= EventSet[name];
    }
    return events >>> 0;
  },

  /** The names of the events in the set, lowest bit first. Bits without a name are left out. */
  toNames(events: EventSet): EventName[] {
    return NAMES.filter((name) => (events & EventSet[name]) !== 0);
  },

  /** The set as text, `IN|HANG_UP`; `EMPTY` for none; bits without a name in hexadecimal. */
  format(events: EventSet): string {
    const unknown = (events & ~EventSet.ALL) >>> 0;
    const parts: string[] = EventSet.toNames(events);
    if (unknown !== 0) {
      parts.push(`0x${unknown.toString(16)}`);
    }
    return parts.join('|') || 'EMPTY';
  },

  /**
   * Checks a value as the interest of a registration, and returns it unsigned. It refuses bits without a meaning,
   * because the kernel accepts them silently.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not a number.
   * @throws RangeError `ERR_OUT_OF_RANGE` if it is not an integer of 32 bits, or has bits without an event.
   * @throws EventManagerError `ERR_EM_CONFLICTING_EVENTS` if it has EXCLUSIVE and an event that EXCLUSIVE forbids.
   */
  validate(events: unknown): EventSet {
    if (typeof events !== 'number') {
      throw invalidType('events', 'a number, such as EventSet.IN', events);
    }
    if (!Number.isInteger(events) || events < -0x8000_0000 || events > 0xffff_ffff) {
      throw outOfRange('events', 'a 32-bit set of events, such as EventSet.IN', events);
    }
    const unknown = events & ~EventSet.ALL;
    if (unknown !== 0) {
      const expected = `made only of the events in EventSet, without ${EventSet.format(unknown)}`;
      throw outOfRange('events', expected, EventSet.format(events));
    }
    const excluded = events & NOT_WITH_EXCLUSIVE;
    if ((events & EventSet.EXCLUSIVE) !== 0 && excluded !== 0) {
      throw conflictingEvents(`EXCLUSIVE cannot be combined with ${EventSet.format(excluded)}`);
    }
    return events >>> 0;
  },
} as const;

/** What the kernel refuses together with EXCLUSIVE: all but `EPOLLEXCLUSIVE_OK_BITS`, fs/eventpoll.c. */
const NOT_WITH_EXCLUSIVE = EventSet.PRIORITY | EventSet.READ_HANG_UP | EventSet.ONE_SHOT;
