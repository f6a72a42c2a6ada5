import { EventManager, EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import { type Recording, trace } from '@em/testing/trace';
import { describe, expect, test } from 'vitest';

const { IN, OUT, ONE_SHOT } = EventSet;

function setUp(entries?: number) {
  const poller = trace(new FakePoller(), { entries });
  const manager = new EventManager({ poller });
  /** What happened since the last call, without the times. */
  let seen = 0;
  const steps = (): object[] => {
    const all = poller.toJSON().steps;
    const fresh = all.slice(seen);
    seen = all.length;
    return fresh.map(({ atMs: _, ...step }) => step);
  };
  return { poller, manager, steps };
}

test('a recording has changes, waits, calls and ends, with labels, in their order', () => {
  const { poller, manager, steps } = setUp();
  const bell = poller.eventfd(1);
  const registration = manager.add(
    bell,
    IN,
    () => {
      bell.read();
      registration.modify(OUT);
    },
    { label: 'bell' },
  );
  const { fd } = bell;
  manager.wait();
  registration.pause();
  registration.resume();
  registration.delete();
  expect(steps()).toEqual([
    { op: 'add', fd, events: IN, generation: 1, label: 'bell' },
    { op: 'wait', waitedMs: 0, cause: 'events', ready: [[fd, IN, 1]] },
    { op: 'call', fd, events: IN, generation: 1, label: 'bell', tookMs: 0 },
    { op: 'modify', fd, events: OUT, generation: 1, label: 'bell' },
    { op: 'delete', fd, label: 'bell' },
    { op: 'add', fd, events: OUT, generation: 2, label: 'bell' },
    { op: 'end', fd, label: 'bell' },
    { op: 'delete', fd, label: 'bell' },
  ]);
});

test('a recording has the errors of the poller', () => {
  const { poller, manager, steps } = setUp();
  const bell = poller.eventfd();
  const { fd } = bell;
  poller.failNext('add', 'ENOSPC');
  expect(() => manager.add(bell, IN, () => undefined)).toThrow('ENOSPC');
  const registration = manager.add(bell, IN, () => undefined);
  poller.failNext('modify', 'ENOMEM');
  expect(() => registration.modify(OUT)).toThrow('ENOMEM');
  poller.failNext('wait', 'EINVAL');
  expect(() => manager.wait(0)).toThrow('EINVAL');
  expect(steps()).toEqual([
    { op: 'add', fd, events: IN, generation: 1, error: 'ENOSPC' },
    { op: 'add', fd, events: IN, generation: 2 },
    { op: 'modify', fd, events: OUT, generation: 2, error: 'ENOMEM' },
    { op: 'wait', timeoutMs: 0, ready: [], error: 'EINVAL' },
  ]);
});

test('a recording has the causes and the times of waits, and what happens during one', () => {
  const { poller, manager, steps } = setUp();
  manager.wait(3);
  poller.interruptNext();
  manager.wait(10);
  poller.after(4, () => manager.wake());
  manager.wait();
  expect(poller.toJSON().steps.map(({ op, atMs }) => [op, atMs])).toEqual([
    ['wait', 3],
    ['wait', 3],
    ['wake', 3],
    ['wait', 7],
  ]);
  expect(steps()).toEqual([
    { op: 'wait', timeoutMs: 3, waitedMs: 3, cause: 'timeout', ready: [] },
    { op: 'wait', timeoutMs: 10, waitedMs: 0, cause: 'interrupt', ready: [] },
    { op: 'wake' },
    { op: 'wait', waitedMs: 4, cause: 'wake', ready: [] },
  ]);
});

test('a recording has timers, their labels and their calls', () => {
  const { manager, steps } = setUp();
  manager.after(7, () => undefined, { label: 'idle' });
  manager.wait();
  expect(steps()).toEqual([
    { op: 'set-timer', label: 'idle' },
    { op: 'wait', timeoutMs: 7, waitedMs: 7, cause: 'timeout', ready: [] },
    { op: 'timer', label: 'idle', tookMs: 0 },
  ]);
});

test('a call records that it threw, returned a promise, or came before the last promise had settled', async () => {
  const { poller, manager, steps } = setUp();
  const jobs = poller.eventfd(1);
  let act: () => unknown = () => {
    throw new Error('no');
  };
  const registration = manager.add(jobs, IN, () => act() as undefined);
  expect(() => manager.wait(0)).toThrow('no');
  let finish: () => void = () => undefined;
  act = () =>
    new Promise<void>((resolve) => {
      finish = resolve;
    });
  manager.wait(0);
  const first = finish;
  manager.wait(0);
  first();
  finish();
  await Promise.resolve();
  manager.wait(0);
  finish();
  registration.delete();
  const calls = steps().filter((step) => (step as { op: string }).op === 'call');
  const common = { op: 'call', fd: jobs.fd, events: IN, generation: 1, tookMs: 0 };
  expect(calls).toEqual([
    { ...common, threw: true },
    { ...common, async: true },
    { ...common, async: true, overlaps: true },
    { ...common, async: true },
  ]);
});

test('the trace of a rejected promise does not hide the rejection', async () => {
  const { poller, manager } = setUp();
  manager.add(poller.eventfd(1), IN, () => Promise.reject(new Error('later')));
  manager.wait(0);
  await Promise.resolve();
  await Promise.resolve();
  expect(() => manager.wait(0)).toThrow('later');
});

test('a recording that is read in a callback has no duration for the call that goes on', () => {
  const { poller, manager } = setUp();
  const bell = poller.eventfd(1);
  let recording: Recording | undefined;
  manager.add(bell, IN, () => {
    recording = poller.toJSON();
  });
  manager.wait(0);
  expect(recording?.steps.at(-1)).toEqual({ op: 'call', atMs: 0, fd: bell.fd, events: IN, generation: 1 });
});

test('a recording survives JSON', () => {
  const { poller, manager } = setUp();
  manager.add(poller.eventfd(1), IN | ONE_SHOT, () => undefined, { label: 'bell' });
  manager.wait();
  expect(JSON.parse(JSON.stringify(poller))).toEqual(poller.toJSON());
});

describe('a ring that has come round', () => {
  test('keeps the last entries, says how many it dropped, and knows the labels of calls', () => {
    const { poller, manager } = setUp(64);
    const bell = poller.eventfd(1);
    manager.add(bell, IN, () => undefined, { label: 'bell' });
    for (let i = 0; i < 100; i++) {
      manager.wait(0);
    }
    const { dropped, steps } = poller.toJSON();
    // An add, and 100 waits of 4 entries.
    expect(dropped).toBe(1 + 400 - 64);
    expect(steps).toHaveLength(32);
    expect(steps.filter(({ op }) => op === 'call')).toHaveLength(16);
    expect(steps.every((step) => step.op === 'wait' || (step.op === 'call' && step.label === 'bell'))).toBe(true);
  });

  test('knows the labels of calls whose registration has ended', () => {
    const { poller, manager } = setUp(64);
    const bell = poller.eventfd(1);
    const registration = manager.add(bell, IN, () => undefined, { label: 'bell' });
    for (let i = 0; i < 100; i++) {
      manager.wait(0);
    }
    registration.delete();
    manager.add(bell, IN, () => undefined, { label: 'new' });
    manager.wait(0);
    const calls = poller.toJSON().steps.flatMap((step) => (step.op === 'call' ? [step.label] : []));
    expect(calls.slice(-2)).toEqual(['bell', 'new']);
    expect(new Set(calls.slice(0, -1))).toEqual(new Set(['bell']));
  });

  test.each([0, 1, 2, 3, 4, 5])('begins with a whole step, at each offset (%i)', (offset) => {
    const { poller, manager } = setUp(64);
    const [one, other] = [poller.eventfd(1), poller.eventfd(1)];
    manager.add(one, IN, () => undefined);
    const second = manager.add(other, IN, () => undefined);
    for (let i = 0; i < 50; i++) {
      manager.wait();
    }
    for (let i = 0; i < offset; i++) {
      second.modify(IN);
    }
    for (const step of poller.toJSON().steps) {
      expect(['wait', 'call', 'modify']).toContain(step.op);
      if (step.op === 'wait') {
        expect(step).toMatchObject({ cause: 'events', waitedMs: 0 });
        expect(step).not.toHaveProperty('timeoutMs');
        expect(step.ready).toHaveLength(2);
      }
    }
  });

  test.each([0, 1, 2, 3])(
    'is not changed by the end of a call that it has forgotten, at each offset (%i)',
    (offset) => {
      const { poller, manager } = setUp(64);
      const [outer, inner] = [poller.eventfd(1), poller.eventfd(1)];
      manager.add(outer, IN, () => {
        outer.read();
        const registration = manager.add(inner, IN, () => undefined);
        for (let i = 0; i < offset; i++) {
          registration.modify(IN);
        }
        for (let i = 0; i < 32; i++) {
          manager.wait(5);
        }
      });
      manager.wait(5);
      for (const step of poller.toJSON().steps) {
        if (step.op === 'wait') {
          expect(step.timeoutMs).toBe(5);
        } else if (step.op === 'call') {
          expect(step).toEqual({ op: 'call', atMs: 0, fd: inner.fd, events: IN, generation: 2, tookMs: 0 });
        }
      }
    },
  );
});
