import { invalidType, outOfRange } from './check.js';
import { conflictingEvents } from './errors.js';

/**
 * A set of events: an unsigned 32-bit number, one bit an event, with the values of `<sys/epoll.h>`.
 *
 * Test it with `events & EventSet.IN`, never with `===`: the kernel reports what else is true along with what you
 * asked for, and the end of a stream often comes as `IN|HANG_UP`.
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
 * `N`, unless it is a list of literals in which EXCLUSIVE stands beside a name that it excludes: then the list without
 * the latter, so that the compiler points at them.
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
 * The events, and pure functions over sets of them. Every set that comes out is unsigned; a set that goes in may be
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
  /** No event. A registration with it still hears of `ERROR` and `HANG_UP`. */
  EMPTY: 0x0000_0000,
  /** There is something to read, or to accept. At the end of a stream too, as a rule; a pipe shows only `HANG_UP`. */
  IN: 0x0000_0001,
  /** An exceptional condition: TCP urgent data, a changed sysfs attribute, a pty in packet mode. */
  PRIORITY: 0x0000_0002,
  /** A write would not block; a connecting socket is connected, or refused. */
  OUT: 0x0000_0004,
  /** An error is pending, or the reader of this pipe is gone. Always reported, asked for or not. */
  ERROR: 0x0000_0008,
  /** Both directions are over, or the writer of this pipe is gone. Always reported, asked for or not. */
  HANG_UP: 0x0000_0010,
  /** The peer will send no more. Never reported unless asked for. */
  READ_HANG_UP: 0x0000_2000,
  /** Wakes one of several epoll instances that watch the same file. Not with PRIORITY, READ_HANG_UP or ONE_SHOT. */
  EXCLUSIVE: 0x1000_0000,
  /** Keeps the system from suspending while the event is handled. Needs `CAP_BLOCK_SUSPEND`; ignored without. */
  WAKE_UP: 0x2000_0000,
  /** Reports once, then is silent until re-armed. */
  ONE_SHOT: 0x4000_0000,
  /** Reports changes of readiness instead of readiness: read or write until it would block. */
  EDGE_TRIGGERED: 0x8000_0000,
  /** Every event that exists. */
  ALL: 0xf000_201f,

  /** Whether `events` holds all of `wanted`. */
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

  /** The events of `events` that `others` has not. */
  difference(events: EventSet, others: EventSet): EventSet {
    return (events & ~others) >>> 0;
  },

  /** The events that only one of them has. */
  symmetricDifference(events: EventSet, others: EventSet): EventSet {
    return (events ^ others) >>> 0;
  },

  /** The events of {@link EventSet.ALL} that `events` has not. */
  complement(events: EventSet): EventSet {
    return (EventSet.ALL & ~events) >>> 0;
  },

  /**
   * The set of the named events. A list of literals that the kernel would refuse does not compile.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE` if a name is not that of an event.
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
   * Checks a value as the interest of a registration, and returns it unsigned. The kernel accepts bits that mean
   * nothing without a word, so they are refused here.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE` if it is not a number.
   * @throws RangeError `ERR_OUT_OF_RANGE` if it is no integer of 32 bits, or has bits that are no event.
   * @throws EventManagerError `ERR_EM_CONFLICTING_EVENTS` if EXCLUSIVE stands beside an event that it excludes.
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
      const expected = `made of the events in EventSet alone, without ${EventSet.format(unknown)}`;
      throw outOfRange('events', expected, EventSet.format(events));
    }
    const excluded = events & NOT_WITH_EXCLUSIVE;
    if ((events & EventSet.EXCLUSIVE) !== 0 && excluded !== 0) {
      throw conflictingEvents(`EXCLUSIVE cannot be combined with ${EventSet.format(excluded)}`);
    }
    return events >>> 0;
  },
} as const;

/** What the kernel refuses beside EXCLUSIVE: all but `EPOLLEXCLUSIVE_OK_BITS`, fs/eventpoll.c. */
const NOT_WITH_EXCLUSIVE = EventSet.PRIORITY | EventSet.READ_HANG_UP | EventSet.ONE_SHOT;
