import type { EventSet, WaitCause } from '@em/core';
import type { RecordedStep, Recording, WaitStep } from './recording.js';

/** The kinds of entries. */
export const Kind = {
  ADD: 1,
  MODIFY: 2,
  DELETE: 3,
  WAIT: 4,
  /** The end of a wait. */
  READY: 5,
  /** One event of it. */
  EVENT: 6,
  CALL: 7,
  TIMER: 8,
  SET_TIMER: 9,
  END: 10,
  REBUILD: 11,
  WAKE: 12,
  /** The error of the entry before it. */
  FAILURE: 13,
} as const;

/** How a call ended. */
export const Outcome = { RETURNED: 1, THREW: 2, ASYNC: 4, OVERLAPS: 8 } as const;

const CAUSES: readonly WaitCause[] = ['events', 'timeout', 'wake', 'interrupt'];
/** Instead of a cause: the wait threw. */
const FAILED = 0xff;
const ENTRY_BYTES = 32;
/** Words and doubles of an entry. */
const WORDS = 8;
const DOUBLES = 4;
/** Where the doubles are. */
const TIME = 2;
const DURATION = 3;
/** Reading the clock takes about a fiftieth of this. Calls that take less on average are estimated. */
const SHORT_MS = 0.005;
/** How many batches of short calls are estimated before one is measured. */
const ESTIMATES = 7;

/** The beginning of a wait. */
interface RecordedWait {
  readonly beganMs: number;
  readonly timeoutMs: number;
}

/** The registration or timer of an entry. It does not hold the callback, so that the ring keeps no user object alive. */
export class Subject {
  readonly fd: number;
  readonly label: string | undefined;
  /** Its present one, if it has one. */
  generation = 0;
  /** How many of its promises are pending. */
  pending = 0;

  /** @param fd - −1 for a timer. */
  constructor(fd: number, label: string | undefined) {
    this.fd = fd;
    this.label = label;
  }
}

/**
 * The last entries of a trace. Everything is allocated in advance, so that an entry allocates nothing. An entry has 32
 * bytes in one piece, and some have a subject beside it:
 *
 * ```text
 *   │ kind, outcome │ events │ fd │ generation │ when it began │ how long it took, or the timeout of a wait │
 *   └── 32-bit words ──────────────────────────┴── doubles ─────────────────────────────────────────────────┘
 * ```
 */
export class Ring {
  readonly #mask: number;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  /** The registrations of changes, the timers, and the codes of errors. */
  readonly #subjects: (Subject | string | undefined)[];
  readonly #clock: () => number;
  /** The number of the next entry. */
  #next = 0;
  /** The time: what was read last, plus the estimates of the calls since then. */
  #nowMs: number;
  /** How long a call takes, by the last batch that was measured. */
  #callMs = Number.POSITIVE_INFINITY;
  /** How many of the calls of the batch have not ended. */
  #callsLeft = 0;
  #batchMs = 0;
  #batchCalls = 0;
  /** How many batches are left until one of short calls is measured again. */
  #estimatesLeft = 0;

  /** @param entries - A power of two. */
  constructor(entries: number, clock: () => number) {
    this.#mask = entries - 1;
    const buffer = new ArrayBuffer(entries * ENTRY_BYTES);
    this.#words = new Uint32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#subjects = new Array(entries).fill(undefined);
    this.#clock = clock;
    this.#nowMs = clock();
  }

  /** Records a change, which takes no time here. */
  put(kind: number, fd: number, events: EventSet, generation: number, subject: Subject | string | undefined): void {
    this.#subjects[this.#next & this.#mask] = subject;
    this.#put(kind, fd, events, generation);
  }

  readClock(): void {
    this.#nowMs = Math.max(this.#nowMs, this.#clock());
  }

  beginWait(timeoutMs: number): void {
    // Under `run`, every wait has this timeout. To read the clock takes a tenth as long as such a wait.
    if (timeoutMs !== 0) {
      this.readClock();
    }
    const index = this.#put(Kind.WAIT, 0, 0, 0);
    this.#doubles[index * DOUBLES + DURATION] = timeoutMs;
  }

  endWait(words: Uint32Array, count: number, cause: WaitCause): void {
    this.readClock();
    if (this.#callsLeft > 0) {
      // Some of the last batch were not called, so that its end was not measured.
      this.#callMs = Number.POSITIVE_INFINITY;
    }
    this.#batchMs = this.#nowMs;
    this.#batchCalls = this.#callsLeft = count;
    this.#put(Kind.READY, count, cause === 'events' ? 0 : CAUSES.indexOf(cause), 0);
    for (let at = 0; at < count * 3; at += 3) {
      this.#put(Kind.EVENT, words[at + 1] as number, words[at] as number, words[at + 2] as number);
    }
  }

  /** Calls follow each other without a gap, so a call begins when the last one has ended. Returns its number. */
  beginCall(fd: number, events: EventSet, generation: number): number {
    this.#put(Kind.CALL, fd, events, generation);
    return this.#next - 1;
  }

  beginTimer(subject: Subject): number {
    this.readClock();
    this.put(Kind.TIMER, 0, 0, 0, subject);
    // Its end is always read.
    this.#callMs = Number.POSITIVE_INFINITY;
    return this.#next - 1;
  }

  endCall(number: number, outcome: number): void {
    this.#callsLeft--;
    if (this.#callMs >= SHORT_MS) {
      this.readClock();
      if (this.#callsLeft === 0) {
        this.#measure();
      }
    } else if (this.#callsLeft === 0 && this.#estimatesLeft-- === 0) {
      this.readClock();
      this.#measure();
    } else {
      this.#nowMs += this.#callMs;
    }
    // The ring may have come round since the call began.
    if (this.#next - number <= this.#mask + 1) {
      const index = number & this.#mask;
      this.#words[index * WORDS] = (this.#words[index * WORDS] as number) | (outcome << 8);
      const at = index * DOUBLES;
      this.#doubles[at + DURATION] = this.#nowMs - (this.#doubles[at + TIME] as number);
    }
  }

  failWait(code: string): void {
    this.readClock();
    this.put(Kind.READY, 0, FAILED, 0, code);
  }

  /** @param live - The registrations that have not ended. */
  toRecording(live: Iterable<Subject>): Recording {
    const first = Math.max(0, this.#next - this.#mask - 1);
    const labels = this.#labels(first, live);
    const steps: RecordedStep[] = [];
    /** The waits that have not ended, innermost last. */
    const waits: RecordedWait[] = [];
    for (let number = first; number < this.#next; number++) {
      const index = number & this.#mask;
      if (this.#kind(number) === Kind.WAIT) {
        waits.push({ beganMs: this.#timeAt(index), timeoutMs: this.#durationAt(index) });
        continue;
      }
      const step =
        this.#kind(number) === Kind.READY ? this.#readWait(number, waits.pop()) : this.#readStep(number, labels);
      if (step !== undefined) {
        steps.push(step);
      }
    }
    return { format: 'em-recording', version: 1, dropped: first, steps };
  }

  /** Returns the index of the entry. */
  #put(kind: number, fd: number, events: EventSet, generation: number): number {
    const index = this.#next++ & this.#mask;
    const words = this.#words;
    const at = index * WORDS;
    words[at] = kind;
    words[at + 1] = events;
    words[at + 2] = fd;
    words[at + 3] = generation;
    this.#doubles[index * DOUBLES + TIME] = this.#nowMs;
    return index;
  }

  #measure(): void {
    this.#callMs = (this.#nowMs - this.#batchMs) / this.#batchCalls;
    this.#estimatesLeft = ESTIMATES;
  }

  #kind(number: number): number {
    return (this.#words[(number & this.#mask) * WORDS] as number) & 0xff;
  }

  /** By generation. A registration that a call belongs to has not ended, or its end is recorded behind the call. */
  #labels(first: number, live: Iterable<Subject>): Map<number, string | undefined> {
    const labels = new Map<number, string | undefined>();
    for (const { generation, label } of live) {
      labels.set(generation, label);
    }
    for (let number = first; number < this.#next; number++) {
      const kind = this.#kind(number);
      const subject = this.#subjects[number & this.#mask];
      if ((kind === Kind.ADD || kind === Kind.MODIFY || kind === Kind.END) && subject instanceof Subject) {
        labels.set(this.#words[(number & this.#mask) * WORDS + 3] as number, subject.label);
      }
    }
    return labels;
  }

  #timeAt(index: number): number {
    return this.#doubles[index * DOUBLES + TIME] as number;
  }

  #durationAt(index: number): number {
    return this.#doubles[index * DOUBLES + DURATION] as number;
  }

  /** Returns `undefined` for an entry that is part of another step. */
  #readStep(number: number, labels: ReadonlyMap<number, string | undefined>): RecordedStep | undefined {
    const index = number & this.#mask;
    const at = index * WORDS;
    const [events, fd, generation] = [this.#words[at + 1], this.#words[at + 2], this.#words[at + 3]] as [
      number,
      number,
      number,
    ];
    const atMs = this.#timeAt(index);
    const kind = this.#kind(number);
    const subject = this.#subjects[index];
    const named = subject instanceof Subject ? subject.label : undefined;
    const name = kind === Kind.CALL ? labels.get(generation) : named;
    const label = name === undefined ? {} : { label: name };
    const code = this.#failureAt(number + 1);
    const error = code === undefined ? {} : { error: code };
    switch (kind) {
      case Kind.ADD:
        return { op: 'add', atMs, fd, events, generation, ...label, ...error };
      case Kind.MODIFY:
        return { op: 'modify', atMs, fd, events, generation, ...label, ...error };
      case Kind.DELETE:
        return { op: 'delete', atMs, fd, ...label, ...error };
      case Kind.CALL:
        return { op: 'call', atMs, fd, events, generation, ...label, ...this.#outcome(index) };
      case Kind.TIMER:
        return { op: 'timer', atMs, ...label, ...this.#outcome(index) };
      case Kind.SET_TIMER:
        return { op: 'set-timer', atMs, ...label };
      case Kind.END:
        return { op: 'end', atMs, fd, ...label };
      case Kind.REBUILD:
        return { op: 'rebuild', atMs, ...error };
      case Kind.WAKE:
        return { op: 'wake', atMs, ...error };
      default:
        return undefined;
    }
  }

  /** Returns `undefined` if the beginning of the wait is overwritten. */
  #readWait(number: number, wait: RecordedWait | undefined): WaitStep | undefined {
    if (wait === undefined) {
      return undefined;
    }
    const { beganMs, timeoutMs } = wait;
    const index = number & this.#mask;
    const atMs = this.#timeAt(index);
    const limit = timeoutMs === Number.POSITIVE_INFINITY ? {} : { timeoutMs };
    const waited = timeoutMs === 0 ? {} : { waitedMs: atMs - beganMs };
    const cause = this.#words[index * WORDS + 1] as number;
    if (cause === FAILED) {
      return { op: 'wait', atMs, ...limit, ...waited, ready: [], error: this.#subjects[index] as string };
    }
    const count = this.#words[index * WORDS + 2] as number;
    const ready = Array.from({ length: count }, (_, i) => this.#readEvent(number + 1 + i));
    return { op: 'wait', atMs, ...limit, ...waited, cause: CAUSES[cause] as WaitCause, ready };
  }

  #readEvent(number: number): [fd: number, events: EventSet, generation: number] {
    const at = (number & this.#mask) * WORDS;
    return [this.#words[at + 2] as number, this.#words[at + 1] as number, this.#words[at + 3] as number];
  }

  #failureAt(number: number): string | undefined {
    const isFailure = number < this.#next && this.#kind(number) === Kind.FAILURE;
    return isFailure ? (this.#subjects[number & this.#mask] as string) : undefined;
  }

  #outcome(index: number): { tookMs?: number; threw?: true; async?: true; overlaps?: true } {
    const outcome = (this.#words[index * WORDS] as number) >>> 8;
    return {
      ...((outcome & Outcome.RETURNED) !== 0 && { tookMs: this.#durationAt(index) }),
      ...((outcome & Outcome.THREW) !== 0 && { threw: true as const }),
      ...((outcome & Outcome.ASYNC) !== 0 && { async: true as const }),
      ...((outcome & Outcome.OVERLAPS) !== 0 && { overlaps: true as const }),
    };
  }
}
