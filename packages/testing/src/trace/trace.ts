import type { EventSet, FdLike, Interest, Observer, Poller, ReadyBatch, Registration, Timer } from '@em/core';
import { checkInteger, checkObject, checkOptions } from '@em/core/check';
import { type HotSpot, hottest } from './hottest.js';
import { passThrough } from './pass-through.js';
import { type PerfettoTrace, toPerfetto } from './perfetto.js';
import type { Recording } from './recording.js';
import { Kind, Outcome, Ring, Subject } from './ring.js';

/** Options of {@link trace}. */
export interface TraceOptions {
  /**
   * How many entries are kept, from 64 to 16,777,216, rounded up to a power of two. A wait takes two, and each event,
   * call and change one. An entry takes 40 bytes. Defaults to 65,536.
   */
  readonly entries?: number | undefined;
}

/** What {@link trace} adds to a poller. */
export interface Trace {
  /**
   * What was reported and called most, in the entries that are kept, and which of it makes the loop spin.
   *
   * @returns The registrations and timers, the busiest first.
   */
  hottest(): HotSpot[];

  /** The entries that are kept, as data. `JSON.stringify` calls it. */
  toJSON(): Recording;

  /**
   * The entries that are kept, in the Trace Event Format. Write it to a file as JSON, and open that in
   * {@link https://ui.perfetto.dev | Perfetto}.
   */
  toPerfetto(): PerfettoTrace;
}

/** A poller with a trace. It has all members of the poller that was passed to {@link trace}. */
export type Traced<P extends Poller> = Pick<P, keyof P> & Poller & Trace;

/**
 * Records what a poller reports, and what the manager does with it: waits, events, calls of callbacks and timers, and
 * changes of what is watched, with the labels of the registrations. It keeps the last entries in memory that is allocated
 * in advance.
 *
 * @param poller - Any poller. Pass what `trace` returns to the manager instead of it.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, RangeError `ERR_OUT_OF_RANGE` for a wrong argument.
 *
 * @example Find out why a loop spins
 * ```ts
 * import { EpollPoller, EventManager } from '@em/sys';
 * import { trace } from '@em/testing/trace';
 *
 * const poller = trace(new EpollPoller());
 * const manager = new EventManager({ poller });
 * // …
 * for (const { message } of poller.hottest()) {
 *   console.log(message);
 * }
 * ```
 */
export function trace<P extends Poller>(poller: P, options: TraceOptions = {}): Traced<P> {
  checkObject('poller', poller);
  const { entries = 65_536 } = checkOptions('options', options, ['entries']);
  const traced = new TracedPoller(poller, checkInteger('options.entries', entries, 64, 1 << 24));
  passThrough(poller, traced);
  return traced as unknown as Traced<P>;
}

class TracedPoller implements Poller, Trace {
  readonly #poller: Poller;
  readonly #ring: Ring;
  /** By fd, those that have not ended, and for some fds the last one. */
  readonly #subjects = new Map<number, Subject>();
  /** The registration that the manager is about to add. */
  #announced: Subject | undefined;
  #buffer: ArrayBuffer | undefined;
  #words: Uint32Array = new Uint32Array(0);
  readonly observer: Observer;
  /** Present if the poller has it. */
  readonly rebuild?: (interests: readonly Interest[]) => void;

  constructor(poller: Poller, entries: number) {
    this.#poller = poller;
    const clock = poller.nowMs === undefined ? () => performance.now() : () => poller.nowMs as number;
    this.#ring = new Ring(2 ** Math.ceil(Math.log2(entries)), clock);
    this.observer = this.#createObserver(poller.observer);
    const { rebuild } = poller;
    if (rebuild !== undefined) {
      this.rebuild = (interests): void => this.#record(Kind.REBUILD, -1, () => rebuild.call(poller, interests));
    }
  }

  add(fd: number, events: EventSet, generation: number, target?: FdLike): void {
    // The manager announces a registration, but not the end of a pause.
    const announced = this.#announced?.fd === fd ? this.#announced : undefined;
    const subject = announced ?? this.#subjects.get(fd);
    this.#ring.put(Kind.ADD, fd, events, generation, subject);
    try {
      this.#poller.add(fd, events, generation, target);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    if (subject !== undefined) {
      this.#subjects.set(fd, subject);
      subject.generation = generation;
      this.#announced = undefined;
    }
  }

  modify(fd: number, events: EventSet, generation: number): void {
    const subject = this.#subjects.get(fd);
    this.#ring.put(Kind.MODIFY, fd, events, generation, subject);
    try {
      this.#poller.modify(fd, events, generation);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    if (subject !== undefined) {
      subject.generation = generation;
    }
  }

  delete(fd: number): void {
    this.#record(Kind.DELETE, fd, () => this.#poller.delete(fd));
  }

  wait(batch: ReadyBatch, timeoutMs: number): number {
    const ring = this.#ring;
    ring.beginWait(timeoutMs);
    let count: number;
    try {
      count = this.#poller.wait(batch, timeoutMs);
    } catch (error) {
      ring.failWait(codeOf(error));
      throw error;
    }
    if (batch.buffer !== this.#buffer) {
      this.#buffer = batch.buffer;
      this.#words = new Uint32Array(batch.buffer);
    }
    ring.endWait(this.#words, count, batch.cause);
    return count;
  }

  wake(): void {
    this.#record(Kind.WAKE, -1, () => this.#poller.wake());
  }

  close(): void {
    this.#poller.close();
  }

  hottest(): HotSpot[] {
    return hottest(this.toJSON());
  }

  toJSON(): Recording {
    return this.#ring.toRecording(this.#subjects.values());
  }

  toPerfetto(): PerfettoTrace {
    return toPerfetto(this.toJSON());
  }

  #record(kind: number, fd: number, call: () => void): void {
    this.#ring.put(kind, fd, 0, 0, this.#subjects.get(fd));
    try {
      call();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#ring.put(Kind.FAILURE, 0, 0, 0, codeOf(error));
  }

  /** Records the calls, and passes everything on to the observer of the poller, if it has one. */
  #createObserver(inner: Observer | undefined): Observer {
    const ring = this.#ring;
    return {
      onAdd: (registration: Registration, callback) => {
        const called = inner?.onAdd?.(registration, callback) ?? callback;
        const subject = new Subject(registration.fd, registration.label);
        this.#announced = subject;
        return (events, handle) => {
          const number = ring.beginCall(subject.fd, events, handle.generation);
          let outcome: number = Outcome.RETURNED | Outcome.THREW;
          try {
            const result = called(events, handle);
            outcome = outcomeOf(result, subject);
            return result;
          } finally {
            ring.endCall(number, outcome);
          }
        };
      },
      onTimer: (timer: Timer, callback) => {
        const called = inner?.onTimer?.(timer, callback) ?? callback;
        const subject = new Subject(-1, timer.label);
        ring.readClock();
        ring.put(Kind.SET_TIMER, 0, 0, 0, subject);
        return (handle) => {
          const number = ring.beginTimer(subject);
          let outcome: number = Outcome.RETURNED | Outcome.THREW;
          try {
            const result = called(handle);
            outcome = outcomeOf(result, subject);
            return result;
          } finally {
            ring.endCall(number, outcome);
          }
        };
      },
      onEnd: (registration) => {
        inner?.onEnd?.(registration);
        const { fd, generation, label } = registration;
        ring.put(Kind.END, fd, 0, generation, new Subject(fd, label));
      },
      onError: (error, handle) => inner?.onError?.(error, handle),
    };
  }
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : String(error);
}

function outcomeOf(result: unknown, subject: Subject): number {
  if (typeof result !== 'object' || result === null || typeof (result as PromiseLike<unknown>).then !== 'function') {
    return Outcome.RETURNED;
  }
  const overlaps = subject.pending > 0 ? Outcome.OVERLAPS : 0;
  subject.pending++;
  const settle = (): void => {
    subject.pending--;
  };
  (result as PromiseLike<unknown>).then(settle, settle);
  return Outcome.RETURNED | Outcome.ASYNC | overlaps;
}
