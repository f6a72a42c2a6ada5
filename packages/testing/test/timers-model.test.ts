import { EventManager, type Timer } from '@em/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

// Random programs of timers, on the clock of the fake and in a model: a list, which is sorted for each wait.

type Step = Setting | Change | Advance;

interface Setting {
  readonly kind: 'after' | 'every';
  readonly ms: number;
  readonly slackMs: number;
  readonly inside: readonly Step[];
}

interface Change {
  readonly kind: 'cancel' | 'refresh';
  readonly which: number;
}

interface Advance {
  readonly kind: 'advance';
  readonly ms: number;
}

/** Multiples of a quarter, which doubles add without an error. */
const quarters = (min: number, max: number) => fc.integer({ min, max }).map((count) => count / 4);

const change = fc.record({ kind: fc.constantFrom('cancel', 'refresh'), which: fc.nat(9) });
const slackMs = fc.oneof(fc.constant(0), quarters(0, 40));

/** The steps that a callback takes come from a smaller set, so that the programs end. */
const inside = fc.array(
  fc.oneof(change, fc.record({ kind: fc.constant('after'), ms: quarters(0, 20), slackMs, inside: fc.constant([]) })),
  { maxLength: 3 },
);
const step = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('after'), ms: quarters(0, 80), slackMs, inside }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant('every'), ms: quarters(1, 40), slackMs, inside }), weight: 1 },
  { arbitrary: change, weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('advance'), ms: quarters(0, 60) }), weight: 2 },
) as fc.Arbitrary<Step>;

/** What a program uses: the fake, or the model. */
interface Subject {
  readonly nowMs: number;
  readonly nextDeadline: number;
  set(
    kind: 'after' | 'every',
    ms: number,
    slackMs: number,
    callback: () => void,
  ): Pick<Timer, 'active' | 'cancel' | 'refresh'>;
  /** One wait. */
  wait(timeoutMs: number): void;
}

class Fake implements Subject {
  readonly #poller = new FakePoller();
  readonly #manager = new EventManager({ poller: this.#poller });

  get nowMs(): number {
    return this.#poller.nowMs;
  }

  get nextDeadline(): number {
    return this.#manager.nextDeadline;
  }

  set(kind: 'after' | 'every', ms: number, slackMs: number, callback: () => void): Timer {
    return this.#manager[kind](ms, callback, { slackMs });
  }

  wait(timeoutMs: number): void {
    this.#manager.wait(timeoutMs);
  }
}

interface Listed {
  dueMs: number;
  order: number;
  readonly ms: number;
  readonly slackMs: number;
  readonly kind: 'after' | 'every';
  readonly callback: () => void;
}

class Model implements Subject {
  nowMs = 0;
  #list: Listed[] = [];
  #orders = 0;

  get nextDeadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#list.map(({ dueMs, slackMs }) => dueMs + slackMs));
  }

  set(kind: 'after' | 'every', ms: number, slackMs: number, callback: () => void) {
    const timer: Listed = { dueMs: 0, order: 0, ms, slackMs, kind, callback };
    const restart = (): void => {
      this.#remove(timer);
      timer.dueMs = this.nowMs + ms;
      timer.order = this.#orders++;
      this.#list.push(timer);
    };
    restart();
    let isCancelled = false;
    const list = (): readonly Listed[] => this.#list;
    return {
      get active() {
        return list().includes(timer);
      },
      cancel: () => {
        isCancelled = true;
        return this.#remove(timer);
      },
      refresh: () => {
        if (!isCancelled) {
          restart();
        }
      },
    };
  }

  wait(timeoutMs: number): void {
    this.nowMs = Math.max(this.nowMs, Math.min(this.nowMs + timeoutMs, this.nextDeadline));
    const endMs = this.nowMs;
    const orders = this.#orders;
    for (;;) {
      this.#list.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
      const timer = this.#list.find(({ dueMs, order }) => dueMs <= endMs && order < orders);
      if (timer === undefined) {
        return;
      }
      if (timer.kind === 'after') {
        this.#remove(timer);
      }
      while (timer.kind === 'every' && timer.dueMs <= endMs) {
        timer.dueMs += timer.ms;
      }
      timer.callback();
    }
  }

  #remove(timer: Listed): boolean {
    const isListed = this.#list.includes(timer);
    this.#list = this.#list.filter((other) => other !== timer);
    return isListed;
  }
}

/** Runs a program, and returns all that can be seen of it. */
function observe(subject: Subject, steps: readonly Step[]): unknown[] {
  const seen: unknown[] = [];
  const timers: ReturnType<Subject['set']>[] = [];
  const take = (step: Step): void => {
    if (step.kind === 'advance') {
      const endMs = subject.nowMs + step.ms;
      // The limit is for timers without a delay that refresh each other.
      for (let waits = 0; waits < 40 && (waits === 0 || subject.nowMs < endMs); waits++) {
        subject.wait(endMs - subject.nowMs);
        seen.push(['waited', subject.nowMs]);
      }
    } else if ('which' in step) {
      seen.push([step.kind, timers[step.which % timers.length]?.[step.kind]()]);
    } else {
      const id = timers.length;
      const callback = (): void => {
        seen.push(['called', id, subject.nowMs]);
        step.inside.forEach(take);
      };
      timers.push(subject.set(step.kind, step.ms, step.slackMs, callback));
    }
    seen.push([subject.nextDeadline, timers.map(({ active }) => active)]);
  };
  [...steps, { kind: 'advance', ms: 100 } as const].forEach(take);
  return seen;
}

test('timers on the fake are called as in a sorted list (C21)', () => {
  let called = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const seen = observe(new Fake(), steps);
      called += seen.filter((one) => (one as unknown[])[0] === 'called').length;
      expect(seen).toEqual(observe(new Model(), steps));
    }),
    { numRuns: Number(process.env['TIMER_PROGRAMS'] ?? 300) },
  );
  expect(called).toBeGreaterThan(300);
});
