import { EventManager, EventSet, type Poller } from '@em/core';
import { FakePoller } from '@em/testing';
import { type Recording, type Replay, replay, trace } from '@em/testing/trace';
import { describe, expect, test } from 'vitest';

const { IN, OUT, ONE_SHOT, HANG_UP } = EventSet;

/** What a bit of code did, in words. */
type Log = string[];

/** Some code under test: it answers a client, and ends on a hang-up. Its variants are mistakes. */
type Variant =
  | 'right'
  | 'wrong-interest'
  | 'forgets-out'
  | 'other-label'
  | 'no-delete'
  | 'throws'
  | 'adds-more'
  | 'late-timer';

function serve(manager: EventManager, client: { readonly fd: number }, variant: Variant, log: Log): void {
  const label = variant === 'other-label' ? 'peer' : 'client';
  const registration = manager.add(
    client,
    IN,
    (events) => {
      log.push(EventSet.format(events));
      if ((events & HANG_UP) !== 0) {
        if (variant !== 'no-delete') {
          registration.delete();
        }
      } else if ((events & OUT) !== 0) {
        registration.modify(IN);
      } else if (variant === 'throws') {
        throw new Error('not today');
      } else if (variant !== 'forgets-out') {
        registration.modify(variant === 'wrong-interest' ? OUT : IN | OUT);
      }
    },
    { label },
  );
  if (variant === 'adds-more') {
    manager.add({ fd: 99 }, IN, () => undefined, { label: 'more' });
  }
  if (variant !== 'late-timer') {
    manager.after(5, () => log.push('tick'), { label: 'tick' });
  }
}

/** Records the right code with a client that sends, receives and hangs up. */
function record(): { recording: Recording; log: Log } {
  const poller = trace(new FakePoller());
  const manager = new EventManager({ poller });
  const device = poller.device();
  const log: Log = [];
  serve(manager, device, 'right', log);
  device.set(IN);
  manager.wait();
  device.clear(IN);
  device.set(OUT);
  manager.wait();
  device.clear(OUT);
  manager.wait();
  device.set(HANG_UP);
  manager.wait();
  return { recording: JSON.parse(JSON.stringify(poller)), log };
}

function drive(poller: Replay, manager: EventManager): void {
  while (!poller.done) {
    manager.wait();
  }
}

test('the same code gets the same events, at other fds and by the recorded clock', () => {
  const { recording, log } = record();
  const poller = replay(recording);
  const manager = new EventManager({ poller });
  const again: Log = [];
  serve(manager, { fd: 1_234 }, 'right', again);
  drive(poller, manager);
  expect(again).toEqual(log);
  expect(again).toEqual(['IN', 'OUT', 'tick', 'HANG_UP']);
  expect(poller.nowMs).toBe(recording.steps.at(-1)?.atMs);
  manager.close();
});

test('a recording of a replay is the recording', () => {
  const { recording } = record();
  const replayed = replay(recording);
  const poller = trace(replayed);
  const manager = new EventManager({ poller });
  serve(manager, { fd: recording.steps[0]?.op === 'add' ? recording.steps[0].fd : 0 }, 'right', []);
  drive(replayed, manager);
  const withoutTimes = ({ steps }: Recording) => steps.map((step) => ({ ...step, atMs: 0, waitedMs: 0, tookMs: 0 }));
  expect(withoutTimes(poller.toJSON())).toEqual(withoutTimes(recording));
});

describe('code that departs from the recording', () => {
  test.each<[Variant, RegExp]>([
    [
      'wrong-interest',
      /step 5 of \d+, .*: modify fd 50 \(client\) to OUT; the recording has: modify fd 3 \(client\) to IN\|OUT$/,
    ],
    ['forgets-out', /step 5 of \d+, at 0 ms: wait; the recording has: modify fd 3 \(client\) to IN\|OUT$/],
    [
      'other-label',
      /step 1 of \d+, at 0 ms: add fd 50 \(peer\) for IN; the recording has: add fd 3 \(client\) for IN$/,
    ],
    [
      'no-delete',
      /: it waits; the recording has: the end of fd 3 \(client\)$|: wait; the recording has: the end of fd 3/,
    ],
    [
      'throws',
      /step 4 of \d+, .*: a call of fd 50 \(client\) with IN threw Error: not today; the recording has: a call/,
    ],
    ['adds-more', /step 2 of \d+, .*: add fd 99 \(more\) for IN; the recording has: set a timer \(tick\)$/],
    ['late-timer', /step 2 of \d+, .*: wait; the recording has: set a timer \(tick\)$/],
  ])('%s: the error says where', (variant, message) => {
    const poller = replay(record().recording);
    // The code catches everything.
    const manager = new EventManager({ poller, onError: () => undefined });
    const attempt = (): void => {
      serve(manager, { fd: 50 }, variant, []);
      drive(poller, manager);
    };
    expect(attempt).toThrow(message);
    expect(() => poller.done).toThrow(expect.objectContaining({ code: 'ERR_EM_REPLAY_DEPARTED' }));
    return expect(poller.finished).rejects.toThrow(message);
  });

  test('every later call throws the same error', () => {
    const poller = replay(record().recording);
    const manager = new EventManager({ poller });
    expect(() => manager.add({ fd: 3 }, OUT, () => undefined)).toThrow(/add fd 3 for OUT/);
    expect(() => serve(manager, { fd: 3 }, 'right', [])).toThrow(/add fd 3 for OUT/);
    expect(() => manager.wait(0)).toThrow(/add fd 3 for OUT/);
  });

  test('a wait after the end of the recording throws instead of hanging', () => {
    const poller = replay(record().recording);
    const manager = new EventManager({ poller });
    serve(manager, { fd: 3 }, 'right', []);
    drive(poller, manager);
    manager.add({ fd: 4 }, IN, () => undefined);
    expect(() => manager.wait()).toThrow(/: it waits; the recording has ended$/);
  });

  test('the error has the index and the step', () => {
    const { recording } = record();
    const poller = replay(recording);
    const manager = new EventManager({ poller });
    expect(() => manager.add({ fd: 3 }, OUT, () => undefined)).toThrow(
      expect.objectContaining({ index: 0, expected: recording.steps[0] }),
    );
  });

  test('a callback that no longer throws', () => {
    const { poller, replayed } = recordAndReplay((traced, manager) => {
      manager.add(traced.eventfd(1), IN, () => {
        throw new Error('no');
      });
      expect(() => manager.wait()).toThrow('no');
    });
    const manager = new EventManager({ poller: replayed });
    manager.add({ fd: 3 }, IN, () => undefined);
    expect(() => manager.wait()).toThrow(/did not throw; the recording has: a call of fd 3 with IN that throws$/);
    expect(poller.toJSON().steps.at(-1)).toMatchObject({ threw: true });
  });
});

function recordAndReplay(run: (poller: ReturnType<typeof trace<FakePoller>>, manager: EventManager) => void) {
  const poller = trace(new FakePoller());
  run(poller, new EventManager({ poller }));
  return { poller, replayed: replay(poller.toJSON()) };
}

test('errors of the poller, interrupts and stale events are replayed', () => {
  const seen: string[][] = [];
  const act = (fds: readonly { fd: number }[], manager: EventManager): void => {
    const log: string[] = [];
    seen.push(log);
    const [one, other] = fds as [{ fd: number }, { fd: number }];
    const attempt = (action: () => void): void => {
      try {
        action();
        log.push('done');
      } catch (error) {
        log.push((error as { code: string }).code);
      }
    };
    attempt(() => manager.add(one, IN, () => undefined));
    const victims = [one, other].map((fd) =>
      manager.add(fd, IN | ONE_SHOT, () => {
        victims.map((it) => it.delete());
        manager.add(other, IN | ONE_SHOT, () => log.push('newcomer'));
      }),
    );
    manager.wait();
    log.push(JSON.stringify(manager.lastWait));
    attempt(() => manager.wait(0));
    log.push(manager.lastWait.cause);
    const again = manager.add(one, IN | ONE_SHOT, (_events, registration) => registration.rearm());
    attempt(() => manager.wait(0));
    attempt(() => again.modify(OUT));
    attempt(() => manager.wait(0));
    again.delete();
    let left = 3;
    manager.add(one, IN | ONE_SHOT, (_events, registration) => {
      log.push('armed');
      if (--left > 0) {
        registration.rearm();
      }
    });
    for (let i = 0; i < 3; i++) {
      attempt(() => manager.wait(0));
    }
  };
  const { replayed } = recordAndReplay((poller, manager) => {
    poller.failNext('add', 'ENOSPC');
    poller.failNext('modify', 'ENOMEM');
    const [one, other] = [poller.eventfd(1), poller.eventfd(1)];
    act([one, other], manager);
  });
  act([{ fd: 70 }, { fd: 80 }], new EventManager({ poller: replayed }));
  expect(replayed.done).toBe(true);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[0]?.[0]).toBe('ENOSPC');
  expect(seen[0]?.[1]).toContain('"stale":1');
  expect(seen[0]?.filter((line) => line === 'armed')).toHaveLength(3);
  expect(seen[0]?.filter((line) => line === 'newcomer')).toHaveLength(1);
});

describe('under run()', () => {
  test('the code gets the events between its own turns, and finished fulfils', async () => {
    const { recording } = record();
    const poller = replay(recording);
    const manager = new EventManager({ poller });
    const log: Log = [];
    const running = manager.run();
    // The code under test comes late.
    await new Promise((resolve) => setTimeout(resolve, 5));
    serve(manager, { fd: 8 }, 'right', log);
    await poller.finished;
    manager.stop();
    await running;
    expect(log).toEqual(['IN', 'OUT', 'tick', 'HANG_UP']);
  });

  test('rejects if the code does not do what is recorded', async () => {
    const poller = replay(record().recording);
    const manager = new EventManager({ poller });
    await expect(manager.run()).rejects.toThrow(/for 20000 turns of the event loop, it did nothing; .* add fd 3/);
    await expect(poller.finished).rejects.toThrow(/it did nothing/);
  });
});

test.each([
  ['nothing', undefined, 'ERR_INVALID_ARG_TYPE'],
  ['another object', {}, 'ERR_INVALID_ARG_TYPE'],
  ['another version', { format: 'em-recording', version: 2, dropped: 0, steps: [] }, 'ERR_INVALID_ARG_TYPE'],
  [
    'a recording without its beginning',
    { format: 'em-recording', version: 1, dropped: 3, steps: [] },
    'ERR_OUT_OF_RANGE',
  ],
])('replay() refuses %s', (_title, recording, code) => {
  expect(() => replay(recording as Recording)).toThrow(expect.objectContaining({ code }));
});

test('an empty recording is done at once', async () => {
  const poller: Poller & Replay = replay({ format: 'em-recording', version: 1, dropped: 0, steps: [] });
  expect(poller.done).toBe(true);
  await poller.finished;
});
