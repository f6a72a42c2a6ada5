import { EventManager, EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import { type PerfettoTrace, trace } from '@em/testing/trace';
import { expect, test } from 'vitest';
import { toPerfetto } from '../../src/trace/perfetto.js';
import { checkTraceEvents } from './trace-event-rules.js';

const { IN, OUT } = EventSet;

function record(): PerfettoTrace {
  const poller = trace(new FakePoller());
  const manager = new EventManager({ poller });
  const [bell, inner] = [poller.eventfd(1), poller.eventfd(1)];
  manager.add(
    bell,
    IN,
    () => {
      bell.read();
      manager.add(inner, IN, () => void inner.read(), { label: 'inner' });
      manager.wait(0);
      manager.wait(2);
    },
    { label: 'bell "1"' },
  );
  manager.after(1.5, () => undefined, { label: 'soon' });
  manager.wait();
  manager.wake();
  manager.wait(10);
  return poller.toPerfetto();
}

test('the trace of nested waits and calls follows the rules of the format', () => {
  const { traceEvents } = JSON.parse(JSON.stringify(record())) as PerfettoTrace;
  expect(checkTraceEvents(traceEvents)).toEqual([]);
  expect(traceEvents.map(({ ph, name }) => `${ph} ${name}`)).toEqual([
    'M process_name',
    'M thread_name',
    'i add fd 3 (bell "1")',
    'i set a timer (soon)',
    'X wait',
    'X fd 3 (bell "1")',
    'i add fd 4 (inner)',
    'X wait',
    'X fd 4 (inner)',
    'X wait',
    'X a timer (soon)',
    'i wake',
    'X wait',
  ]);
});

test('a slice has its time in microseconds, and its arguments as text', () => {
  const { traceEvents } = toPerfetto({
    format: 'em-recording',
    version: 1,
    dropped: 0,
    steps: [
      { op: 'wait', atMs: 2.0000004, waitedMs: 1.5, timeoutMs: 9, cause: 'events', ready: [[7, IN | OUT, 1]] },
      { op: 'call', atMs: 2.0000004, tookMs: 0.25, fd: 7, events: IN, generation: 1, threw: true },
      { op: 'call', atMs: 2.2500004, fd: 8, events: IN, generation: 2 },
      { op: 'wake', atMs: 5 },
    ],
  });
  expect(traceEvents.slice(2)).toMatchObject([
    { name: 'wait', ts: 500, dur: 1_500, args: { timeoutMs: 9, cause: 'events', ready: ['fd 7 IN|OUT'] } },
    { name: 'fd 7', ts: 2_000, dur: 250, args: { fd: 7, events: 'IN', threw: true } },
    // It goes on at the end of the recording.
    { name: 'fd 8', ts: 2_250, dur: 2_750 },
    { name: 'wake', ts: 5_000, ph: 'i', s: 't' },
  ]);
});

test('slices stay nested although their times are rounded', () => {
  const steps = Array.from({ length: 3_000 }, (_, i) => {
    const atMs = 1_234.5678912345 + i * 0.000_913_7;
    return { op: 'call', atMs, tookMs: 0.000_913_7, fd: 7, events: IN, generation: 1 } as const;
  });
  const { traceEvents } = toPerfetto({ format: 'em-recording', version: 1, dropped: 0, steps });
  expect(checkTraceEvents(traceEvents)).toEqual([]);
});

test('the rules find what breaks them', () => {
  const good = { ph: 'X', name: 'a', cat: 'call', pid: 1, tid: 1, ts: 10, dur: 10, args: {} };
  const bad = [
    { ...good, ph: 'Q' },
    { ...good, ts: '10' },
    { ...good, dur: -1 },
    { ...good, dur: undefined },
    { ...good, name: '' },
    { ...good, pid: 1.5 },
    { ph: 'i', name: 'x', cat: 'c', pid: 1, tid: 1, ts: 1, s: 'q', args: {} },
    { ph: 'M', name: 'process_title', pid: 1, tid: 1, args: { name: 'x' } },
    { ph: 'M', name: 'process_name', pid: 1, tid: 1, args: {} },
  ];
  for (const event of bad) {
    expect(checkTraceEvents([event]), JSON.stringify(event)).toHaveLength(1);
  }
  expect(checkTraceEvents([good, { ...good, ts: 15 }])).toHaveLength(1);
  expect(checkTraceEvents([good, { ...good, ts: 12, dur: 3 }, { ...good, ts: 20 }])).toEqual([]);
});
