import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { AbortSignalLike, AddOptions, EventManagerOptions } from '../src/options.js';
import type { Registration } from '../src/registration.js';
import { notFds, notFunctions, notObjects, notTimeouts, notWords, revoked, trap, trapped } from './hostile-values.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;
const callback = (): void => undefined;
const methods = ['add', 'modify', 'delete', 'wait', 'wake', 'close'] as const;

let poller: ListPoller;
let manager: EventManager;
let registration: Registration;
let before: unknown;

/** All that a call can change, including the calls of the poller. */
function state() {
  const { size, lastWait, stats, closed } = manager;
  const registrations = closed ? [] : Array.from(manager, (held) => ({ ...view(held), held }));
  const calls = methods.map((method) => vi.mocked(poller[method]).mock.calls.length);
  return { size, lastWait: { ...lastWait }, stats: { ...stats }, closed, registrations, calls };
}

function view({ fd, events, label, active, paused }: Registration) {
  return { fd, events, label, active, paused };
}

beforeEach(() => {
  poller = new ListPoller();
  for (const method of methods) {
    vi.spyOn(poller, method);
  }
  manager = new EventManager({ poller });
  registration = manager.add(3, IN, callback, { label: 'bystander' });
  before = state();
});

afterEach(() => {
  expect(state()).toEqual(before);
});

/** For `toThrow`: an error whose type and code say that an argument is wrong. */
const misuse: Error = expect.objectContaining({
  name: expect.stringMatching(/^(Type|Range)Error$/),
  code: expect.stringMatching(/^ERR_(INVALID_ARG_TYPE|OUT_OF_RANGE)$/),
});

describe.each(notFds)('%s is not an fd', (_name, value) => {
  test('get(), has(), delete() and modify() refuse it', () => {
    expect(() => manager.get(value as never)).toThrow(misuse);
    expect(() => manager.has(value as never)).toThrow(misuse);
    expect(() => manager.delete(value as never)).toThrow(misuse);
    expect(() => manager.modify(value as never, IN)).toThrow(misuse);
  });

  test('add() refuses it as the fd of an object', () => {
    expect(() => manager.add({ fd: value } as never, IN, callback)).toThrow(misuse);
    expect(() => manager.group().add({ fd: value } as never, IN, callback)).toThrow(misuse);
  });

  test('once() and on() refuse it as the fd of an object', async () => {
    await expect(manager.once({ fd: value } as never, IN)).rejects.toThrow(misuse);
    expect(() => manager.on({ fd: value } as never, IN)).toThrow(misuse);
  });

  test('add() refuses it in place of an fd object', () => {
    const isTouchy = value === trapped || value === revoked;
    expect(() => manager.add(value as never, IN, callback)).toThrow(isTouchy ? undefined : misuse);
  });
});

describe.each(notWords)('%s is not a set of events', (_name, value) => {
  test('add(), modify(), enable(), disable() and validate() refuse it', () => {
    expect(() => manager.add(4, value as never, callback)).toThrow(misuse);
    expect(() => manager.modify(3, value as never)).toThrow(misuse);
    expect(() => registration.modify(value as never)).toThrow(misuse);
    expect(() => registration.enable(value as never)).toThrow(misuse);
    expect(() => registration.disable(value as never)).toThrow(misuse);
    expect(() => EventSet.validate(value)).toThrow(misuse);
  });

  test('once() and on() refuse it', async () => {
    await expect(manager.once(4, value as never)).rejects.toThrow(misuse);
    expect(() => manager.on(4, value as never)).toThrow(misuse);
  });
});

test.each(notTimeouts)('wait(), dispatch() and once() refuse %s as a timeout', async (_name, value) => {
  await expect(manager.once(4, IN, { timeoutMs: value as never })).rejects.toThrow(misuse);
  expect(() => manager.wait(value as never)).toThrow(misuse);
  expect(() => manager.dispatch(value as never)).toThrow(misuse);
});

test.each([...notTimeouts, ['Infinity', Number.POSITIVE_INFINITY] as const])(
  'after() and every() refuse %s as a delay, and as a slack',
  (_name, value) => {
    for (const set of [manager.after, manager.every]) {
      expect(() => set.call(manager, value as never, callback)).toThrow(misuse);
      if (value !== undefined) {
        expect(() => set.call(manager, 1, callback, { slackMs: value as never })).toThrow(misuse);
      }
    }
    expect(manager.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  },
);

describe.each(notFunctions)('%s is not a function', (_name, value) => {
  test('add(), after() and every() refuse it as the callback', () => {
    expect(() => manager.add(4, IN, value as never)).toThrow(misuse);
    expect(() => manager.after(1, value as never)).toThrow(misuse);
    expect(() => manager.group().every(1, value as never)).toThrow(misuse);
  });

  test('the constructor refuses it as a method of the poller, and as onError unless undefined', () => {
    expect(() => new EventManager({ poller: { ...poller, wait: value } as never })).toThrow(misuse);
    if (value !== undefined) {
      expect(() => new EventManager({ poller, onError: value as never })).toThrow(misuse);
    }
  });

  test('add() refuses it as the close() of an fd object to own', () => {
    expect(() => manager.add({ fd: 4, close: value } as never, IN, callback, { own: true })).toThrow(misuse);
    expect(() => manager.add(4 as never, IN, callback, { own: true })).toThrow(misuse);
  });
});

describe.each(notObjects)('%s is not an object', (_name, value) => {
  test('after() and every() refuse it as the options, and as the signal', () => {
    expect(() => manager.after(1, callback, value as never)).toThrow(misuse);
    expect(() => manager.every(1, callback, { signal: value as never })).toThrow(misuse);
  });

  test('add() refuses it as the options, and as the signal', () => {
    expect(() => manager.add(4, IN, callback, value as never)).toThrow(misuse);
    expect(() => manager.add(4, IN, callback, { signal: value as never })).toThrow(misuse);
  });

  test('once(), on() and run() refuse it as the options, and as the signal', async () => {
    await expect(manager.once(4, IN, value as never)).rejects.toThrow(misuse);
    await expect(manager.once(4, IN, { signal: value as never })).rejects.toThrow(misuse);
    expect(() => manager.on(4, IN, value as never)).toThrow(misuse);
    expect(() => manager.on(4, IN, { signal: value as never })).toThrow(misuse);
    await expect(manager.run(value as never)).rejects.toThrow(misuse);
    await expect(manager.run({ signal: value as never })).rejects.toThrow(misuse);
  });

  test('the constructor refuses it as the options, and as the poller', () => {
    expect(() => new EventManager(value as never)).toThrow(misuse);
    expect(() => new EventManager({ poller: value as never })).toThrow(misuse);
  });
});

test.each<[option: string, options: object]>([
  ['a label that is not a string', { label: 3 }],
  ['a label that is null', { label: null }],
  ['own that is not a boolean', { own: 1 }],
  ['own that is null', { own: null }],
  ['a signal without properties', { signal: {} }],
  ['a signal that is only aborted', { signal: { aborted: false } }],
  ['a signal whose aborted is a string', { signal: { ...fakeSignal(), aborted: 'no' } }],
  ['a signal that cannot be let go of', { signal: { ...fakeSignal(), removeEventListener: undefined } }],
])('add() refuses %s', (_option, options) => {
  expect(() => manager.add({ fd: 4, close: callback }, IN, callback, options as AddOptions)).toThrow(misuse);
});

test.each([
  ['trapped', trapped, trap],
  ['revoked', revoked, TypeError],
])('add() throws what a %s proxy throws', (_kind, proxy, thrown) => {
  expect(() => manager.add(proxy as never, IN, callback)).toThrow(thrown);
  expect(() => manager.add(4, IN, callback, proxy)).toThrow(thrown);
  expect(() => manager.add(4, IN, callback, { signal: proxy as never })).toThrow(thrown);
  expect(() => new EventManager(proxy as EventManagerOptions)).toThrow(thrown);
  expect(() => new EventManager({ poller: proxy as never })).toThrow(thrown);
});

test.each<keyof AbortSignalLike>(['aborted', 'addEventListener', 'removeEventListener'])(
  'what the getter %s of a signal throws comes out of add()',
  (property) => {
    const signal = Object.defineProperty(fakeSignal(), property, {
      get() {
        throw trap;
      },
    });
    expect(() => manager.add(4, IN, callback, { signal })).toThrow(trap);
  },
);

test('add() throws what addEventListener() throws', () => {
  const addEventListener = (): never => {
    throw trap;
  };
  expect(() => manager.add(4, IN, callback, { signal: { ...fakeSignal(), addEventListener } })).toThrow(trap);
});

function fakeSignal(): AbortSignalLike {
  return { aborted: false, addEventListener: callback, removeEventListener: callback };
}
