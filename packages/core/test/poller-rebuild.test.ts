import { beforeEach, expect, test, vi } from 'vitest';
import { EventManager } from '../src/event-manager.js';
import { EventSet } from '../src/event-set.js';
import type { Interest } from '../src/poller.js';
import { ListPoller } from './list-poller.js';

const { IN, OUT, ONE_SHOT } = EventSet;
const callback = (): void => undefined;

/** As epoll is where it keeps a file whose fd is closed: it can report what nobody can be meant by. */
class RebuildablePoller extends ListPoller {
  readonly rebuild = vi.fn<(interests: readonly Interest[]) => void>();

  /** The fds that each rebuild was to go on with. */
  rebuiltWith(): number[][] {
    return this.rebuild.mock.calls.map(([interests]) => interests.map(({ fd }) => fd));
  }
}

/** Has the next wait find one event, which its fd is not registered for. */
function stray(poller: ListPoller, fd: number, generation = 99): void {
  vi.spyOn(poller, 'wait').mockImplementationOnce((batch) => {
    batch.cause = 'events';
    batch.set(0, OUT, fd, generation);
    return 1;
  });
}

let poller: RebuildablePoller;
let manager: EventManager;

beforeEach(() => {
  poller = new RebuildablePoller();
  manager = new EventManager({ poller });
});

test('a stray event has the poller rebuilt once, before the next poll, with all that is registered', () => {
  const add = vi.spyOn(poller, 'add');
  manager.add(3, IN, callback);
  manager.add(4, OUT, callback);
  stray(poller, 5);
  expect([manager.wait(0), manager.lastWait.stale]).toEqual([0, 1]);
  expect(poller.rebuild).not.toHaveBeenCalled();
  manager.wait(0);
  manager.wait(0);
  const [interests] = poller.rebuild.mock.lastCall ?? [];
  expect(poller.rebuild).toHaveBeenCalledOnce();
  expect(interests?.map(({ fd, events, generation }) => [fd, events, generation])).toEqual(add.mock.calls);
  expect(poller.rebuild.mock.invocationCallOrder[0]).toBeLessThan(
    vi.mocked(poller.wait).mock.invocationCallOrder[1] ?? 0,
  );
});

test('an event of a registered fd that is wanted by nobody is a stray one, too', () => {
  const add = vi.spyOn(poller, 'add');
  manager.add(3, IN, callback);
  stray(poller, 3, add.mock.lastCall?.[2]);
  expect([manager.wait(0), manager.lastWait.masked]).toEqual([0, 1]);
  manager.wait(0);
  expect(poller.rebuiltWith()).toEqual([[3]]);
});

test('an event that went stale after it was reported is none', () => {
  for (const fd of [3, 4, 5]) {
    poller.ready(fd, IN);
  }
  manager.add(3, IN, () => {
    manager.delete(4);
    manager.get(5)?.pause();
  });
  manager.add(4, IN, callback);
  manager.add(5, IN, callback);
  expect([manager.wait(), manager.lastWait.stale, manager.lastWait.masked]).toEqual([1, 1, 1]);
  manager.wait();
  expect(poller.rebuild).not.toHaveBeenCalled();
});

test('what is paused is left out, and comes back with resume()', () => {
  const registration = manager.add(3, IN, callback);
  registration.pause();
  stray(poller, 5);
  manager.wait(0);
  manager.wait(0);
  expect(poller.rebuiltWith()).toEqual([[]]);
  const add = vi.spyOn(poller, 'add');
  registration.resume();
  expect(add).toHaveBeenCalledExactlyOnceWith(3, IN, expect.any(Number));
});

test('a ONE_SHOT that has fired is left out, and comes back with rearm()', () => {
  poller.ready(3, IN);
  poller.ready(4, IN);
  const fired = manager.add(3, IN | ONE_SHOT, callback);
  const rearmed = manager.add(4, IN | ONE_SHOT, callback);
  manager.wait();
  rearmed.rearm();
  poller.rebuild.mockImplementation(() => poller.delete(3));
  stray(poller, 5);
  expect([manager.wait(0), manager.wait()]).toEqual([0, 1]);
  expect(poller.rebuiltWith()).toEqual([[4]]);
  fired.rearm();
  expect(manager.wait()).toBe(1);
});

test('a ONE_SHOT that has fired stays silent through pause() and resume()', () => {
  poller.ready(3, IN);
  const registration = manager.add(3, IN | ONE_SHOT, callback);
  manager.wait();
  registration.pause();
  registration.resume();
  expect([manager.wait(0), registration.paused]).toEqual([0, false]);
  registration.rearm();
  expect(manager.wait()).toBe(1);
});

test('a rebuild that fails leaves all as it was, and is tried again with the next stray event', () => {
  poller.ready(3, IN);
  manager.add(3, IN, callback);
  poller.rebuild.mockImplementationOnce(() => {
    throw new Error('EMFILE');
  });
  stray(poller, 5);
  expect([manager.wait(), manager.wait(), manager.wait()]).toEqual([0, 1, 1]);
  expect(poller.rebuild).toHaveBeenCalledOnce();
  stray(poller, 5);
  expect([manager.wait(), manager.wait()]).toEqual([0, 1]);
  expect(poller.rebuild).toHaveBeenCalledTimes(2);
});

test('a poller that cannot be rebuilt is asked on as it is', () => {
  const plain = new ListPoller();
  const other = new EventManager({ poller: plain });
  plain.ready(3, IN);
  other.add(3, IN, callback);
  stray(plain, 5);
  expect([other.wait(), other.wait()]).toEqual([0, 1]);
});
