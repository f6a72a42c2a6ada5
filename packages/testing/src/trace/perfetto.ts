// The JSON object format of Chrome's Trace Event Format, which Perfetto opens. Slices of one thread must be nested: a call
// inside a wait inside a call.

import { EventSet } from '@em/core';
import { nameOf, type RecordedStep, type Recording } from './recording.js';

interface Common {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A slice of time. */
export interface PerfettoSlice extends Common {
  readonly ph: 'X';
  readonly cat: 'wait' | 'call' | 'timer';
  /** In microseconds, like `dur`, in whole nanoseconds. */
  readonly ts: number;
  readonly dur: number;
}

/** Something that takes no time. */
export interface PerfettoInstant extends Common {
  readonly ph: 'i';
  /** Its scope: the thread. */
  readonly s: 't';
  readonly cat: 'interest' | 'wake';
  readonly ts: number;
}

/** The name of the process or of the thread. */
export interface PerfettoMetadata extends Common {
  readonly ph: 'M';
  readonly name: 'process_name' | 'thread_name';
}

/** What `toPerfetto` returns. Write it to a file with `JSON.stringify`. */
export interface PerfettoTrace {
  readonly traceEvents: readonly (PerfettoSlice | PerfettoInstant | PerfettoMetadata)[];
  readonly displayTimeUnit: 'ns';
  readonly otherData: { readonly dropped: number };
}

const IDS = { pid: 1, tid: 1 } as const;

export function toPerfetto({ steps, dropped }: Recording): PerfettoTrace {
  const lastMs = steps.reduce((latest, step) => Math.max(latest, endOf(step)), 0);
  const traceEvents = [
    { ph: 'M', name: 'process_name', ...IDS, args: { name: '@em' } } as const,
    { ph: 'M', name: 'thread_name', ...IDS, args: { name: 'event manager' } } as const,
    ...steps.map((step) => eventOf(step, lastMs)),
  ];
  return { traceEvents, displayTimeUnit: 'ns', otherData: { dropped } };
}

function endOf(step: RecordedStep): number {
  return step.op === 'call' || step.op === 'timer' ? step.atMs + (step.tookMs ?? 0) : step.atMs;
}

function eventOf(step: RecordedStep, lastMs: number): PerfettoSlice | PerfettoInstant {
  switch (step.op) {
    case 'wait': {
      const { timeoutMs = 'none', waitedMs = 0, cause, ready, error, atMs } = step;
      const args = {
        timeoutMs,
        cause,
        ready: ready.map(([fd, events]) => `fd ${fd} ${EventSet.format(events)}`),
        error,
      };
      return slice('wait', 'wait', atMs - waitedMs, atMs, args);
    }
    case 'call': {
      const { fd, label, events, generation, atMs, tookMs = lastMs - atMs, threw, async, overlaps } = step;
      const args = { fd, events: EventSet.format(events), generation, threw, async, overlaps };
      return slice('call', nameOf(fd, label), atMs, atMs + tookMs, args);
    }
    case 'timer': {
      const { label, atMs, tookMs = lastMs - atMs, threw, async, overlaps } = step;
      return slice('timer', nameOf(undefined, label), atMs, atMs + tookMs, { threw, async, overlaps });
    }
    case 'add':
    case 'modify': {
      const { op, fd, label, events, generation, error, atMs } = step;
      return instant(`${op} ${nameOf(fd, label)}`, atMs, { fd, events: EventSet.format(events), generation, error });
    }
    case 'delete':
    case 'end':
      return instant(`${step.op} ${nameOf(step.fd, step.label)}`, step.atMs, { fd: step.fd });
    case 'set-timer':
      return instant(`set ${nameOf(undefined, step.label)}`, step.atMs, {});
    default:
      return instant(step.op, step.atMs, { error: step.error }, step.op === 'wake' ? 'wake' : 'interest');
  }
}

/** Both ends are rounded to nanoseconds, so that a slice ends no later than the one around it. */
function slice(
  cat: PerfettoSlice['cat'],
  name: string,
  fromMs: number,
  toMs: number,
  args: Common['args'],
): PerfettoSlice {
  const [from, to] = [toNanoseconds(fromMs), toNanoseconds(toMs)];
  return { ph: 'X', cat, name, ...IDS, ts: from / 1_000, dur: Math.max(0, to - from) / 1_000, args };
}

function instant(
  name: string,
  atMs: number,
  args: Common['args'],
  cat: PerfettoInstant['cat'] = 'interest',
): PerfettoInstant {
  return { ph: 'i', s: 't', cat, name, ...IDS, ts: toNanoseconds(atMs) / 1_000, args };
}

function toNanoseconds(timeMs: number): number {
  return Math.round(timeMs * 1e6);
}
