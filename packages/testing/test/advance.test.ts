import { EventManager, EventSet } from '@em/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';

const { IN } = EventSet;

let poller: FakePoller;
let manager: EventManager;
let seen: unknown[];

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller });
  seen = [];
});

afterEach(() => {
  manager.close();
});

/** Notes what happens, and when. */
function note(what: string): void {
  seen.push([poller.nowMs, what]);
}

describe('advance()', () => {
  test('serves actions, events and timers in the order of their times, and stops at each', async () => {
    const eventFd = poller.eventfd();
    manager.add(eventFd, IN, () => {
      eventFd.read();
      note('event');
    });
    manager.every(10, () => note('timer'));
    poller.after(15, () => eventFd.write(1n));
    poller.after(10.5, () => note('action'));
    void manager.run();
    await poller.advance(25);
    expect(seen).toEqual([
      [10, 'timer'],
      [10.5, 'action'],
      [15, 'event'],
      [20, 'timer'],
    ]);
    expect(poller.nowMs).toBe(25);
  });

  test('at one time, runs all actions, then calls back for events, then for timers, as a wait does', async () => {
    const eventFds = [poller.eventfd(), poller.eventfd()];
    for (const eventFd of eventFds) {
      manager.add(eventFd, IN, () => {
        eventFd.read();
        note(`event of ${eventFd.fd}`);
      });
    }
    manager.after(10, () => note('timer'));
    for (const eventFd of eventFds) {
      poller.after(10, () => {
        eventFd.write(1n);
        note('action');
      });
    }
    void manager.run();
    await poller.advance(10);
    expect(seen).toEqual([
      [10, 'action'],
      [10, 'action'],
      [10, 'event of 3'],
      [10, 'event of 4'],
      [10, 'timer'],
    ]);
    expect(manager.stats.waits).toBe(1);
  });

  test('settles promises before the next action, the next batch and the next time', async () => {
    const settle = async (what: string) => {
      for (let step = 0; step < 100; step++) {
        await Promise.resolve();
      }
      note(what);
    };
    const eventFd = poller.eventfd();
    manager.add(eventFd, IN, async () => {
      eventFd.read();
      await settle('event');
    });
    manager.every(10, () => settle('timer'));
    poller.after(10, () => void settle('action'));
    poller.after(10, () => {
      note('second action');
      eventFd.write(1n);
    });
    void manager.run();
    await poller.advance(20);
    expect(seen).toEqual([
      [10, 'action'],
      [10, 'second action'],
      [10, 'event'],
      [10, 'timer'],
      [20, 'timer'],
    ]);
  });

  test('takes the way from a promise to the next timer, however long the chain', async () => {
    const work = async () => {
      for (let step = 0; step < 5; step++) {
        await new Promise<void>((resolve) => void manager.after(10, () => resolve()));
        note('step');
      }
      manager.stop();
    };
    const running = manager.run();
    void work();
    await poller.advance(1_000);
    await running;
    expect(seen).toEqual([10, 20, 30, 40, 50].map((ms) => [ms, 'step']));
    expect(poller.nowMs).toBe(1_000);
  });

  test('ends the timeouts of once() and on()', async () => {
    const eventFd = poller.eventfd();
    void manager.run();
    const once = manager.once(eventFd, IN, { timeoutMs: 1_000 }).catch((error) => note(error.code));
    const steps = manager.on(poller.eventfd(), IN, { timeoutMs: 1_500, throwIfTimedOut: false });
    void steps.next().then(({ value }) => note(String(value)));
    await poller.advance(2_000);
    await once;
    expect(seen).toEqual([
      [1_000, 'ERR_EM_TIMEOUT'],
      [1_500, 'undefined'],
    ]);
  });

  test('by 0 serves what is ready now, and the actions that are due', async () => {
    const eventFd = poller.eventfd(1);
    manager.add(eventFd, IN, () => {
      eventFd.read();
      note('event');
    });
    poller.after(0, () => note('action'));
    manager.after(0, () => note('timer'));
    void manager.run();
    await poller.advance(0);
    expect(seen).toEqual([
      [0, 'action'],
      [0, 'event'],
      [0, 'timer'],
    ]);
  });

  test('by several steps is the same as by one', async () => {
    const times = async (steps: readonly number[]) => {
      const poller = new FakePoller();
      const manager = new EventManager({ poller });
      const at: number[] = [];
      manager.every(7, () => void at.push(poller.nowMs));
      void manager.run();
      for (const ms of steps) {
        await poller.advance(ms);
      }
      manager.close();
      return at;
    };
    expect(await times([3, 4, 0, 13.5, 0.5])).toEqual(await times([21]));
    expect(await times([21])).toEqual([7, 14, 21]);
  });

  test('calls no timer that is due later, or that is cancelled meanwhile', async () => {
    const late = manager.after(20, () => note('late'));
    manager.after(10, () => void late.cancel());
    manager.after(30, () => note('later'));
    void manager.run();
    await poller.advance(29.75);
    expect(seen).toEqual([]);
    await poller.advance(0.25);
    expect(seen).toEqual([[30, 'later']]);
  });

  test('stops at times that a callback sets in a wait of its own', async () => {
    manager.after(10, () => {
      manager.wait(50);
      note('after the wait');
    });
    manager.after(30, () => note('in the wait'));
    void manager.run();
    await poller.advance(20);
    expect(seen).toEqual([
      [30, 'in the wait'],
      [30, 'after the wait'],
    ]);
    expect(poller.nowMs).toBe(30);
    await poller.advance(0);
  });

  test('goes on when run() has ended, because nothing may happen then', async () => {
    manager.after(10, () => manager.stop());
    manager.after(20, () => note('timer'));
    const running = manager.run();
    poller.after(30, () => note('action'));
    await poller.advance(15);
    await running;
    await poller.advance(15);
    expect(seen).toEqual([[30, 'action']]);
    manager.close();
    await poller.advance(10);
    expect(poller.nowMs).toBe(40);
  });

  test('waits for run() of code that calls it after a promise', async () => {
    const main = async () => {
      await Promise.resolve();
      manager.after(10, () => manager.stop());
      await manager.run();
      note('end');
    };
    const ended = main();
    await poller.advance(10);
    await ended;
    expect(seen).toEqual([[10, 'end']]);
  });

  test('is refused if no manager has called run(), and moves nothing', async () => {
    manager.after(10, () => note('timer'));
    await expect(poller.advance(10)).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_EM_FAKE_NOT_DRIVEN',
        message:
          'Cannot advance the time: no manager on this poller has called run(). Call it first, or let time pass with wait()',
      }),
    );
    expect(poller.nowMs).toBe(0);
    expect(seen).toEqual([]);
  });

  test('rejects with the error of an action, and the next call goes on', async () => {
    void manager.run();
    poller.after(10, () => {
      throw new Error('planned');
    });
    poller.after(10, () => note('action'));
    await expect(poller.advance(20)).rejects.toThrow('planned');
    expect(poller.nowMs).toBe(10);
    await poller.advance(10);
    expect(seen).toEqual([[10, 'action']]);
    expect(poller.nowMs).toBe(20);
  });

  test('runs all actions of a time itself, so that run() does not get the error of one', async () => {
    const eventFd = poller.eventfd();
    manager.add(eventFd, IN, () => {
      eventFd.read();
      note('event');
    });
    poller.after(10, () => eventFd.write(1n));
    poller.after(10, () => {
      throw new Error('planned');
    });
    const running = manager.run();
    await expect(poller.advance(10)).rejects.toThrow('planned');
    await poller.advance(0);
    expect(seen).toEqual([[10, 'event']]);
    manager.stop();
    await running;
  });

  test('leaves the error of a callback to run(), and moves on', async () => {
    manager.after(10, () => {
      throw new Error('of a callback');
    });
    const failed = expect(manager.run()).rejects.toThrow('of a callback');
    await poller.advance(20);
    await failed;
    expect(poller.nowMs).toBe(20);
  });

  const spinning = (reasons: string) =>
    expect.objectContaining({
      code: 'ERR_EM_FAKE_SPINNING',
      message:
        `Cannot advance the time beyond 0 ms: after 10000 turns, there is still something to do there: ${reasons}. ` +
        'Take each event in its callback, or pause its registration',
    });

  test('is refused if events, timers or wakes keep the time from passing, and names them', async () => {
    const timer = manager.after(0, () => timer.refresh());
    manager.add(poller.eventfd(1), IN, () => manager.wake());
    void manager.run();
    await expect(poller.advance(10)).rejects.toThrow(spinning('a timer of the manager, fd 3 (IN), a wake'));
    expect(poller.nowMs).toBe(0);
  });

  test('is refused if actions without a delay keep the time from passing', async () => {
    const action = () => void poller.after(0, action);
    action();
    void manager.run();
    await expect(poller.advance(10)).rejects.toThrow(spinning('another action of after()'));
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', async (ms) => {
    await expect(poller.advance(ms)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
  });

  test('refuses what is not a number', async () => {
    await expect(poller.advance('1' as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  });
});

describe('advanceTo()', () => {
  test('moves to a time, and refuses one that is past', async () => {
    manager.every(10, () => note('timer'));
    void manager.run();
    await poller.advanceTo(15);
    await poller.advanceTo(15);
    await poller.advanceTo(20);
    expect(seen).toEqual([
      [10, 'timer'],
      [20, 'timer'],
    ]);
    await expect(poller.advanceTo(19.9)).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
    expect(poller.nowMs).toBe(20);
  });
});
