import { EventManager, EventSet, type Poller } from '@em/core';
import { FakePoller } from '@em/testing';
import { contract } from '@em/testing/contract';
import { trace } from '@em/testing/trace';
import { describe, expect, test } from 'vitest';
import { fakeHarness } from '../fake-harness.js';

contract({
  name: 'FakePoller with a trace',
  describe,
  test,
  // Its private members are missing in the type.
  harness: fakeHarness(() => trace(new FakePoller()) as unknown as FakePoller),
});

test('a poller with a trace has all members of the poller, and no other capability', () => {
  const poller = trace(new FakePoller());
  const eventFd = poller.eventfd();
  const manager = new EventManager({ poller });
  manager.add(eventFd, EventSet.IN, () => undefined);
  expect(poller.log.map(({ op, error }) => [op, error])).toEqual([['add', undefined]]);
  poller.after(5, () => poller.wake());
  manager.wait();
  expect(poller.nowMs).toBe(5);
  manager.close();
  expect(poller.closed).toBe(true);

  const { add, modify, wait, wake, close } = new FakePoller();
  const bare: Poller = { add, modify, delete: () => undefined, wait, wake, close };
  for (const capability of ['attach', 'rebuild', 'onLeftovers', 'nowMs'] as const) {
    expect(trace(bare)[capability], capability).toBeUndefined();
  }
});

test('trace() calls no getter of the poller', () => {
  class Strict extends FakePoller {
    override get fd(): number {
      throw new Error('opened too early');
    }
  }
  expect(() => trace(new Strict()).fd).toThrow('opened too early');
});

test('the observer of the poller still sees everything', () => {
  const seen: string[] = [];
  class Observed extends FakePoller {
    readonly observer = {
      onAdd: (_registration: unknown, callback: () => unknown) => () => {
        seen.push('call');
        return callback();
      },
      onTimer: (_timer: unknown, callback: () => unknown) => () => {
        seen.push('timer');
        return callback();
      },
      onEnd: () => void seen.push('end'),
      onError: (error: unknown) => void seen.push(String(error)),
    };
  }
  const poller = trace(new Observed() as FakePoller);
  const manager = new EventManager({ poller, onError: () => undefined });
  manager.add(poller.eventfd(1), EventSet.IN, () => {
    throw new Error('no');
  });
  manager.after(0, () => undefined);
  manager.wait(0);
  manager.close();
  expect(seen).toEqual(['call', 'Error: no', 'timer', 'end']);
});

test('an invalid argument is refused', () => {
  const poller = new FakePoller();
  expect(() => trace(undefined as unknown as Poller)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  for (const entries of [0, 63, 2 ** 24 + 1, 64.5]) {
    expect(() => trace(poller, { entries })).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  expect(() => trace(poller, { entry: 64 } as object)).toThrow(/options\.entry/);
});
