import { EventManager, EventSet } from '@em/core';
import { FakePoller } from '@em/testing';
import { type HotSpot, type RecordedStep, type Recording, trace } from '@em/testing/trace';
import { describe, expect, test } from 'vitest';
import { hottest } from '../../src/trace/hottest.js';

const { IN, OUT, HANG_UP, READ_HANG_UP, EDGE_TRIGGERED, EMPTY } = EventSet;

function setUp() {
  const poller = trace(new FakePoller());
  return { poller, manager: new EventManager({ poller }) };
}

function spin(manager: EventManager, waits = 200): void {
  for (let i = 0; i < waits; i++) {
    manager.wait(0);
  }
}

function recordingOf(steps: readonly RecordedStep[]): Recording {
  return { format: 'em-recording', version: 1, dropped: 0, steps };
}

describe('hottest() explains why a loop spins', () => {
  test('a callback that does not read', () => {
    const { poller, manager } = setUp();
    const bell = poller.eventfd(1);
    manager.add(bell, IN, () => undefined, { label: 'bell' });
    manager.add(poller.eventfd(), IN, () => undefined, { label: 'silent' });
    spin(manager);
    const [spot, ...others] = poller.hottest();
    expect(spot).toMatchObject({ fd: bell.fd, label: 'bell', interest: IN, events: IN, reports: 200, calls: 200 });
    expect(spot).toMatchObject({ reason: 'not-consumed', callsPerSecond: Number.POSITIVE_INFINITY });
    expect(spot?.message).toBe(
      `fd ${bell.fd} (bell): 200 calls, IN in 200 waits; each wait reports it again: read, write or accept until it would block, or call pause()`,
    );
    expect(others).toEqual([]);
  });

  test.each([
    ['an empty interest', EMPTY],
    ['an interest that is not true', READ_HANG_UP],
  ])('HANG_UP with %s', (_title, interest) => {
    const { poller, manager } = setUp();
    const { reader, writer } = poller.pipe();
    manager.add(reader, IN, () => undefined, { label: 'pipe' }).modify(interest);
    writer.close();
    spin(manager);
    const [spot] = poller.hottest();
    expect(spot).toMatchObject({ label: 'pipe', interest, events: HANG_UP, calls: 200, reason: 'hang-up' });
    expect(spot?.message).toContain('call pause() or delete()');
  });

  test('HANG_UP beside an event that it wants is the fault of the callback', () => {
    const { poller, manager } = setUp();
    const { reader, writer } = poller.pipe();
    manager.add(reader, IN, () => undefined);
    writer.write(Uint8Array.of(1));
    writer.close();
    spin(manager);
    expect(poller.hottest()[0]).toMatchObject({ events: IN | HANG_UP, reason: 'not-consumed' });
  });

  test('an async callback of a level-triggered fd, from the second call on', () => {
    const { poller, manager } = setUp();
    manager.add(poller.eventfd(1), IN, () => new Promise<void>(() => undefined), { label: 'jobs' });
    spin(manager, 2);
    const [spot] = poller.hottest();
    expect(spot).toMatchObject({ label: 'jobs', calls: 2, reason: 'async' });
    expect(spot?.message).toContain('add it with serial: true');
  });

  test('an event whose registration has ended', () => {
    const steps = Array.from({ length: 150 }, (_, i): RecordedStep => {
      return { op: 'wait', atMs: i * 0.001, timeoutMs: 0, cause: 'events', ready: [[7, IN, 1]] };
    });
    const added = { op: 'add', atMs: 0, fd: 7, events: IN, generation: 1, label: 'jobs' } as const;
    const [spot] = hottest(recordingOf([added, ...steps]));
    expect(spot).toMatchObject({ label: 'jobs', calls: 0, reports: 150, reason: 'ignored' });
    expect(spot?.message).toContain('call audit()');
  });
});

describe('hottest() gives no reason', () => {
  function reasons(spots: readonly HotSpot[]): unknown[] {
    return spots.map(({ reason }) => reason);
  }

  test('for few calls', () => {
    const { poller, manager } = setUp();
    manager.add(poller.eventfd(1), IN, () => undefined);
    spin(manager, 99);
    expect(reasons(poller.hottest())).toEqual([undefined]);
    spin(manager, 1);
    expect(reasons(poller.hottest())).toEqual(['not-consumed']);
  });

  test('if other waits come between', () => {
    const { poller, manager } = setUp();
    const bell = poller.eventfd(1);
    manager.add(bell, IN, () => void bell.read());
    for (let i = 0; i < 500; i++) {
      bell.write(1n);
      spin(manager, 2);
    }
    expect(reasons(poller.hottest())).toEqual([undefined]);
  });

  test('for an edge-triggered registration, also with an async callback', () => {
    const { poller, manager } = setUp();
    const bell = poller.eventfd(1);
    manager.add(bell, IN | EDGE_TRIGGERED, () => new Promise<void>(() => undefined));
    for (let i = 0; i < 200; i++) {
      bell.write(1n);
      manager.wait(0);
    }
    expect(reasons(poller.hottest())).toEqual([undefined]);
  });

  test.each([
    ['waits that block', { waitedMs: 0.02 }, 0.02],
    ['turns of the host loop that block', {}, 0.2],
  ])('for %s', (_title, waited, everyMs) => {
    const steps = Array.from({ length: 1_000 }, (_, i): RecordedStep => {
      return { op: 'wait', atMs: i * everyMs, cause: 'events', ready: [[7, IN, 1]], ...waited };
    });
    expect(reasons(hottest(recordingOf(steps)))).toEqual([undefined]);
  });

  test('for an async callback that is serial', () => {
    const { poller, manager } = setUp();
    manager.add(poller.eventfd(1), IN, () => new Promise<void>(() => undefined), { serial: true });
    spin(manager);
    expect(poller.hottest()).toEqual([expect.objectContaining({ calls: 1, reason: undefined })]);
  });
});

test('hottest() puts what spins first, then what is called most, and counts timers by label', () => {
  const { poller, manager } = setUp();
  const [spinning, busy] = [poller.eventfd(1), poller.eventfd(1)];
  manager.every(0.5, () => undefined, { label: 'tick' });
  manager.every(5, () => busy.write(1n));
  manager.add(busy, IN, () => void busy.read(), { label: 'busy' });
  for (let i = 0; i < 400; i++) {
    manager.wait();
  }
  const paused = manager.add(spinning, IN, () => undefined, { label: 'spinning' });
  spin(manager, 120);
  paused.pause();
  const spots = poller.hottest();
  expect(spots.map(({ label, reason }) => [label, reason])).toEqual([
    ['spinning', 'not-consumed'],
    ['tick', undefined],
    ['busy', undefined],
    [undefined, undefined],
  ]);
  const [, tick] = spots;
  expect(tick?.fd).toBeUndefined();
  expect(tick?.callsPerSecond).toBeGreaterThan(1_900);
  expect(tick?.message).toMatch(/^a timer \(tick\): \d+ calls \(\d+ per second\)$/);
});

test('hottest() of an empty recording is empty', () => {
  expect(setUp().poller.hottest()).toEqual([]);
});

test('hottest() adds up the events and the time', () => {
  const common = { op: 'call', fd: 7, generation: 1, label: 'x' } as const;
  const [spot] = hottest(
    recordingOf([
      { op: 'wait', atMs: 0, cause: 'events', ready: [[7, IN, 1]] },
      { ...common, atMs: 0, events: IN, tookMs: 2 },
      { op: 'wait', atMs: 3, cause: 'events', ready: [[7, OUT, 1]] },
      { ...common, atMs: 3, events: OUT, tookMs: 5 },
      { op: 'wake', atMs: 1_000 },
    ]),
  );
  expect(spot).toMatchObject({ events: IN | OUT, calls: 2, callsPerSecond: 2, tookMs: 7 });
});
