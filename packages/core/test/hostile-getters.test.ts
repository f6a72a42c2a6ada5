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

/** Where add() runs code of its caller: the properties it reads, and the methods it calls. */
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

/** Arguments of add(), of which one place runs `deed` the first time. */
function rigged(place: string, deed: () => void, given?: AbortSignal) {
  const once = vi.fn<() => void>().mockImplementationOnce(deed);
  const close = vi.fn();
  const fdObject: ClosableFdObject = { fd: FD, close, [ON_ADD]: place === 'ON_ADD()' ? once : vi.fn() };
  const addEventListener = place === 'addEventListener()' ? once : vi.fn();
  const signal = given ?? { aborted: false, addEventListener, removeEventListener: vi.fn() };
  const options: AddOptions = { label: 'label', own: true, signal };
  for (const object of [fdObject, signal, options]) {
    const value: unknown = Reflect.get(object, place);
    if (value !== undefined) {
      Object.defineProperty(object, place, { get: () => [once(), value][1] });
    }
  }
  return { fdObject, options, signal, close, once };
}

let poller: ListPoller;
let manager: EventManager;
let bystander: Registration;

beforeEach(() => {
  poller = new ListPoller();
  manager = new EventManager({ poller });
  bystander = manager.add(3, IN, callback);
});

describe.each(places)('code that add() runs at %s', (place) => {
  test('can throw: add() throws the same, and adds nothing', () => {
    const failure = new Error(place);
    const add = vi.spyOn(poller, 'add');
    const { fdObject, options, close } = rigged(place, () => {
      throw failure;
    });
    expect(() => manager.add(fdObject, IN, callback, options)).toThrow(failure);
    expect([...manager]).toEqual([bystander]);
    expect([add.mock.calls.length, close.mock.calls.length]).toEqual([0, 0]);
  });

  test('can close the manager: add() adds nothing, and leaves the fd object open', () => {
    const add = vi.spyOn(poller, 'add');
    const { fdObject, options, close } = rigged(place, () => manager.close());
    expect(() => manager.add(fdObject, IN, callback, options)).toThrow(emError('ERR_EM_CLOSED'));
    expect(manager.size).toBe(0);
    expect([add.mock.calls.length, close.mock.calls.length]).toEqual([0, 0]);
  });

  test('can add the same number: that registration is not affected', () => {
    const { fdObject, options, close } = rigged(place, () => void manager.add(FD, OUT, callback, { label: 'first' }));
    expect(() => manager.add(fdObject, IN, callback, options)).toThrow(emError('ERR_EM_ALREADY_REGISTERED'));
    expect(manager.get(FD)).toMatchObject({ label: 'first', events: OUT, active: true });
    expect([manager.size, close.mock.calls.length]).toEqual([2, 0]);
  });

  test('runs, and add() removes its listener from the signal if the poller refuses', () => {
    const { fdObject, options, signal, once } = rigged(place, callback);
    vi.spyOn(poller, 'add').mockImplementationOnce(() => {
      throw new Error('ENOSPC');
    });
    expect(() => manager.add(fdObject, IN, callback, options)).toThrow('ENOSPC');
    expect(once).toHaveBeenCalled();
    expect(vi.mocked(signal.removeEventListener).mock.calls).toEqual(vi.mocked(signal.addEventListener).mock.calls);
  });
});

describe('add() throws the reason, and adds nothing, if the signal aborts meanwhile', () => {
  const reason = new Error('changed my mind');

  test.each(['fd', 'close', 'ON_ADD()', 'label', 'own', 'signal'])('in code that runs at %s', (place) => {
    const controller = new AbortController();
    const { fdObject, options } = rigged(place, () => controller.abort(reason), controller.signal);
    expect(() => manager.add(fdObject, IN, callback, options)).toThrow(reason);
    expect([...manager]).toEqual([bystander]);
  });
});

/** An fd object that has no number once it is closed, and options that close it when they are read. */
function closedMeanwhile() {
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
  };
  const fdObject = {
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
  return { fdObject, options, close };
}

test('an fd object that is closed while the options are read is not registered under its former number', async () => {
  for (const attempt of [
    ({ fdObject, options }: ReturnType<typeof closedMeanwhile>) => manager.add(fdObject, IN, callback, options),
    ({ fdObject, options }: ReturnType<typeof closedMeanwhile>) => manager.once(fdObject, IN, options),
    ({ fdObject, options }: ReturnType<typeof closedMeanwhile>) => manager.on(fdObject, IN, options).next(),
    ({ fdObject, close }: ReturnType<typeof closedMeanwhile>) => {
      const events = manager.on(fdObject, IN);
      close();
      return events.next();
    },
  ]) {
    await expect(async () => attempt(closedMeanwhile())).rejects.toThrow('closed');
    expect(manager.size).toBe(1);
  }
});
