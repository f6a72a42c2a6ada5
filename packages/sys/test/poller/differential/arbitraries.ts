import { EventSet } from '@em/core';
import fc from 'fast-check';
import type { Amount, Kind, Program, Step } from './program.js';

/** Callbacks may add callbacks that add callbacks. */
const MAX_LEVELS = 2;

const { IN, OUT, PRIORITY, READ_HANG_UP, ERROR, HANG_UP, EXCLUSIVE, WAKE_UP, ONE_SHOT, EDGE_TRIGGERED } = EventSet;

/** Files that behave the same whenever a program runs. */
const STEADY = ['eventfd', 'eventfd', 'pipe', 'socketpair', 'datagram pair', 'bound datagrams', 'listener'] as const;
const amount: fc.Arbitrary<Amount> = fc.constantFrom('little', 'some', 'much', 'nothing');
/** The index of a file or a registration. Often that of the callback itself, or the first. */
const offset = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat({ max: 7 }) });
const file = offset;
const registration = offset;

/** An interest: any set, but usually a common one. */
const interest = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(IN, OUT, IN | OUT, IN | OUT | READ_HANG_UP) },
  { weight: 1, arbitrary: subset(IN, OUT, PRIORITY, READ_HANG_UP, ERROR, HANG_UP) },
);

/** How the events of an interest are reported. */
const mode = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(EventSet.EMPTY, EventSet.EMPTY, EDGE_TRIGGERED, ONE_SHOT, ONE_SHOT | EDGE_TRIGGERED),
  },
  { weight: 1, arbitrary: subset(ONE_SHOT, EDGE_TRIGGERED, EXCLUSIVE, WAKE_UP) },
);

/** EXCLUSIVE also comes with events that it excludes, and where it is refused. */
const events = fc.tuple(interest, mode).map(union);

/** The steps that change something, in callbacks and outside, apart from those that open files. */
const use: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('write'), file, amount }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read'), file, amount }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constantFrom('rearm', 'delete', 'pause', 'resume'), registration }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('modify', 'enable', 'disable'), registration, events }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('close', 'dup'), file }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('shutdown'), file, how: fc.constantFrom('read', 'write', 'both') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete fd'), fd: file }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('modify fd'), fd: file, events }) },
);

/** Any program with files that behave the same whenever it runs. */
export const program: fc.Arbitrary<Program> = programWith(...STEADY);

/** Any program whose first file is a trigger. */
export const programWithTrigger: fc.Arbitrary<Program> = programWith('eventfd', 'pipe', 'socketpair').map(
  ({ steps, ...options }) => ({
    ...options,
    steps: [{ do: 'open', kind: 'trigger' }, ...steps],
  }),
);

/** Any program that uses TCP. */
export const programWithTcp: fc.Arbitrary<Program> = programWith('TCP listener', 'TCP listener', 'eventfd', 'listener');

/** Any program with inotify. To close an instance takes the kernel some milliseconds. */
export const programWithInotify: fc.Arbitrary<Program> = programWith('inotify', 'inotify', 'eventfd');

/** Any program with processes that end. */
export const programWithProcess: fc.Arbitrary<Program> = programWith('process', 'eventfd');

/** Any program with timers, in which time passes. */
export const programWithTimers: fc.Arbitrary<Program> = programWith('timer', 'timer', 'eventfd').chain((candidate) =>
  fc
    .array(fc.record({ at: fc.nat({ max: 40 }), ticks: fc.integer({ min: 1, max: 4 }) }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((passes) => ({ ...candidate, steps: withPasses(candidate.steps, passes) })),
);

/** Any program with files of some kinds. It begins with files and registrations, so that the other steps have something to work on. */
function programWith(...kinds: Kind[]): fc.Arbitrary<Program> {
  const kind = fc.constantFrom(...kinds);
  const open = fc.record({ do: fc.constant('open'), kind });
  const change: fc.Arbitrary<Step> = fc.oneof({ weight: 39, arbitrary: use }, { weight: 1, arbitrary: open });
  return fc.noBias(
    fc
      .record({
        capacity: fc.integer({ min: 1, max: 8 }),
        handlesErrors: fc.boolean(),
        opened: fc.array(kind, { minLength: 1, maxLength: 5, size: 'max' }),
        added: fc.array(fc.option(add(change, MAX_LEVELS), { nil: undefined }), { maxLength: 7, size: 'max' }),
        steps: fc.array(step(change, MAX_LEVELS), { maxLength: 30, size: 'max' }),
      })
      .map(({ opened, added, steps, ...options }) => ({
        ...options,
        steps: [
          ...opened.map((opened): Step => ({ do: 'open', kind: opened })),
          ...added.flatMap((step, index) => (step === undefined ? [] : [{ ...step, fd: index }])),
          ...steps,
        ],
      })),
  );
}

function withPasses(steps: readonly Step[], passes: readonly { at: number; ticks: number }[]): Step[] {
  const mixed = [...steps];
  for (const { at, ticks } of passes) {
    mixed.splice(at, 0, { do: 'pass', ticks });
  }
  return mixed;
}

/** A step outside of callbacks, with `levels` levels of callbacks below it. */
function step(change: fc.Arbitrary<Step>, levels: number): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant<Step>({ do: 'wait' }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('dispatch'), take: fc.nat({ max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'wake' }) },
    { weight: 4, arbitrary: add(change, levels) },
    { weight: 18, arbitrary: change },
  );
}

/** A step in a callback. */
function callbackStep(change: fc.Arbitrary<Step>, levels: number): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 40, arbitrary: change },
    { weight: 6, arbitrary: fc.constant<Step>({ do: 'throw' }) },
    { weight: 4, arbitrary: add(change, levels) },
    { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'wait' }, { do: 'wake' }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('dispatch'), take: fc.nat({ max: 3 }) }) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'close manager' }) },
  );
}

function add(change: fc.Arbitrary<Step>, levels: number): fc.Arbitrary<Step> {
  const callback =
    levels === 0 ? fc.constant([]) : fc.array(callbackStep(change, levels - 1), { maxLength: 4, size: 'max' });
  return fc.record({ do: fc.constant('add fd'), fd: file, events, callback });
}

function subset(...sets: EventSet[]): fc.Arbitrary<EventSet> {
  return fc.subarray(sets).map(union);
}

function union(sets: readonly EventSet[]): EventSet {
  return sets.reduce((all, set) => EventSet.union(all, set), EventSet.EMPTY);
}
