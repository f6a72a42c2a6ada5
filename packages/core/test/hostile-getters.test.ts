import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import { type ClosableFdObject, ON_ADD } from '../src/fd-object.js';
import type { AddOptions } from '../src/options.js';
import type { Registration } from '../src/registration.js';
import { emError } from './expected-errors.js';
import { ListPoller } from './list-poller.js';

const { IN, OUT } = EventSet;
const callback = (): void => undefined;
const FD = 4;

/** Where an add runs code of its caller's: what it reads, and what it calls. */
const places = [
  'fd',
  'close',
  'ON_ADD()',
  'label',
  'own',
  'signal',
  'aborted',
  'addEventListener',
  'removeEventListener',
  'addEventListener()',
];

/** The arguments of an add, one place of which does `deed` the first time. */
function rigged(place: string, deed: () => void, given?: AbortSignal) {
  const once = vi.fn<() => void>().mockImplementationOnce(deed);
  const close = vi.fn();
  const source: ClosableFdObject = { fd: FD, close, [ON_ADD]: place === 'ON_ADD()' ? once : vi.fn() };
  const addEventListener = place === 'addEventListener()' ? once : vi.fn();
  const signal = given ?? { aborted: false, addEventListener, removeEventListener: vi.fn() };
  const options: AddOptions = { label: 'label', own: true, signal };
  for (const object of [source, signal, options]) {
    const value: unknown = Reflect.get(object, place);
    if (value !== undefined) {
      Object.defineProperty(object, place, { get: () => [once(), value][1] });
    }
  }
  return { source, options, signal, close, once };
}

let poller: ListPoller;
let manager: EventManager;
let bystander: Registration;

beforeEach(() => {
  poller = new ListPoller();
  manager = new EventManager({ poller });
  bystander = manager.add(3, IN, callback);
});

describe.each(places)('an add that comes past %s', (place) => {
  test('hands on what that throws, and adds nothing', () => {
    const failure = new Error(place);
    const add = vi.spyOn(poller, 'add');
    const { source, options, close } = rigged(place, () => {
      throw failure;
    });
    expect(() => manager.add(source, IN, callback, options)).toThrow(failure);
    expect([...manager]).toEqual([bystander]);
    expect([add.mock.calls.length, close.mock.calls.length]).toEqual([0, 0]);
  });

  test('adds nothing to a manager that is closed there, and leaves the source open', () => {
    const add = vi.spyOn(poller, 'add');
    const { source, options, close } = rigged(place, () => manager.close());
    expect(() => manager.add(source, IN, callback, options)).toThrow(emError('ERR_EM_CLOSED'));
    expect(manager.size).toBe(0);
    expect([add.mock.calls.length, close.mock.calls.length]).toEqual([0, 0]);
  });

  test('leaves one that is added there on the same number at work', () => {
    const { source, options, close } = rigged(place, () => void manager.add(FD, OUT, callback, { label: 'first' }));
    expect(() => manager.add(source, IN, callback, options)).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(manager.get(FD)).toMatchObject({ label: 'first', events: OUT, active: true });
    expect([manager.size, close.mock.calls.length]).toEqual([2, 0]);
  });

  test('comes past it, and lets go of the signal when it is refused', () => {
    const { source, options, signal, once } = rigged(place, callback);
    vi.spyOn(poller, 'add').mockImplementationOnce(() => {
      throw new Error('ENOSPC');
    });
    expect(() => manager.add(source, IN, callback, options)).toThrow('ENOSPC');
    expect(once).toHaveBeenCalled();
    expect(vi.mocked(signal.removeEventListener).mock.calls).toEqual(vi.mocked(signal.addEventListener).mock.calls);
  });
});

describe('an add whose signal aborts on the way throws the reason, and adds nothing', () => {
  const reason = new Error('changed my mind');

  test.each(['fd', 'close', 'ON_ADD()', 'label', 'own', 'signal'])('when it comes past %s', (place) => {
    const controller = new AbortController();
    const { source, options } = rigged(place, () => controller.abort(reason), controller.signal);
    expect(() => manager.add(source, IN, callback, options)).toThrow(reason);
    expect([...manager]).toEqual([bystander]);
  });
});

/** A source that has no number once it is closed, and options that close it when they are read. */
function closedMeanwhile() {
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
  };
  const source = {
    get fd(): number {
      if (isClosed) {
        throw new Error('closed');
      }
      return FD;
    },
  };
  const options = {
    get signal(): undefined {
      close();
      return undefined;
    },
  };
  return { source, options, close };
}

test('a source that is closed while the options are read is not registered under the number that it had', async () => {
  for (const attempt of [
    ({ source, options }: ReturnType<typeof closedMeanwhile>) => manager.add(source, IN, callback, options),
    ({ source, options }: ReturnType<typeof closedMeanwhile>) => manager.once(source, IN, options),
    ({ source, options }: ReturnType<typeof closedMeanwhile>) => manager.on(source, IN, options).next(),
    ({ source, close }: ReturnType<typeof closedMeanwhile>) => {
      const events = manager.on(source, IN);
      close();
      return events.next();
    },
  ]) {
    await expect(async () => attempt(closedMeanwhile())).rejects.toThrow('closed');
    expect(manager.size).toBe(1);
  }
});
