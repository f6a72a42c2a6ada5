import { expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { Observer } from '../src/observer.js';
import type { ErrorHandler } from '../src/options.js';
import { ListPoller } from './list-poller.js';

const { IN } = EventSet;

class ObservedPoller extends ListPoller {
  readonly seen: string[] = [];

  readonly observer: Observer = {
    onAdd: ({ fd, label, active }, callback) => {
      this.seen.push(`add ${fd} ${label} ${active}`);
      return (events, registration) => {
        this.seen.push(`call ${registration.fd} ${EventSet.format(events)}`);
        return callback(events, registration);
      };
    },
    onTimer: ({ label, active }, callback) => {
      this.seen.push(`timer ${label} ${active}`);
      return (timer) => {
        this.seen.push(`call ${timer.label}`);
        return callback(timer);
      };
    },
    onEnd: ({ fd, active }) => this.seen.push(`end ${fd} ${active}`),
    onError: (error, { label }) => this.seen.push(`error ${error} of ${label}`),
  };

  override add(fd: number, events: EventSet, generation: number): void {
    this.seen.push(`poller.add ${fd}`);
    super.add(fd, events, generation);
  }

  override delete(fd: number): void {
    this.seen.push(`poller.delete ${fd}`);
    super.delete(fd);
  }
}

function setUp(onError?: ErrorHandler) {
  const poller = new ObservedPoller();
  return { poller, manager: new EventManager({ poller, onError }), seen: poller.seen };
}

test('an observer sees a registration before its poller does, its calls, and its end', () => {
  const { poller, manager, seen } = setUp();
  const callback = vi.fn(() => 42);
  const registration = manager.add(7, IN, callback, { label: 'bell' });
  poller.ready(7, IN);
  expect([...manager.dispatch(0)]).toEqual([42]);
  expect(callback).toHaveBeenCalledWith(IN, registration);
  registration.pause();
  registration.resume();
  registration.delete();
  expect(seen).toEqual([
    'add 7 bell false',
    'poller.add 7',
    'call 7 IN',
    'poller.delete 7',
    'poller.add 7',
    'end 7 false',
    'poller.delete 7',
  ]);
});

test('an observer sees the registrations of once() and of groups', async () => {
  const { poller, manager, seen } = setUp();
  const ready = manager.once(5, IN);
  poller.ready(5, IN);
  manager.wait(0);
  await ready;
  const group = manager.group();
  group.add(6, IN, () => undefined, { label: 'member' });
  group.close();
  expect(seen.filter((line) => !line.startsWith('poller'))).toEqual([
    'add 5 undefined false',
    'call 5 IN',
    'end 5 false',
    'add 6 member false',
    'end 6 false',
  ]);
});

test('an observer sees the end of a registration whose number was added again, and of all when the manager closes', () => {
  const { poller, manager, seen } = setUp();
  manager.add(7, IN, () => undefined, { label: 'old' });
  poller.close();
  manager.add(7, IN, () => undefined, { label: 'new' });
  manager.close();
  expect(seen.filter((line) => !line.startsWith('poller'))).toEqual([
    'add 7 old false',
    'add 7 new false',
    'end 7 false',
    'end 7 false',
  ]);
});

test('an observer sees the timers and their calls', () => {
  const { manager, seen } = setUp();
  const timer = manager.after(0, () => 'done', { label: 'soon' });
  expect([...manager.dispatch(0)]).toEqual(['done']);
  timer.refresh();
  manager.wait(0);
  manager.group().every(1e9, () => undefined, { label: 'rarely' });
  expect(seen).toEqual(['timer soon false', 'call soon', 'call soon', 'timer rarely false']);
});

test.each([
  ['without onError', undefined],
  ['with onError', () => undefined],
])('an observer sees each error that a callback throws or rejects with, %s', async (_title, onError) => {
  const { poller, manager, seen } = setUp(onError);
  const callback = vi.fn();
  manager.add(7, IN, callback, { label: 'bell' });
  manager.after(0, () => Promise.reject('late'), { label: 'soon' });
  poller.ready(7, IN);
  callback.mockImplementationOnce(() => {
    throw new Error('early');
  });
  const attempt = (): void => {
    try {
      manager.wait(0);
    } catch {
      // Without onError.
    }
  };
  attempt();
  attempt();
  await Promise.resolve();
  await Promise.resolve();
  expect(seen.filter((line) => line.startsWith('error'))).toEqual(['error Error: early of bell', 'error late of soon']);
});
