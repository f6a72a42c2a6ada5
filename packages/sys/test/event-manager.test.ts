import { EventManager as CoreEventManager } from '@em/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EpollPoller, EventFd, EventManager, EventSet, Pipe } from '../src/index.js';
import { expectNoFilesLeftOpen } from './support/open-files.js';
import { raises } from './support/raises.js';

expectNoFilesLeftOpen();

let manager: EventManager;
const loops: EventManager[] = [];

beforeEach(() => {
  manager = new EventManager();
});

afterEach(() => {
  manager.close();
  for (const loop of loops.splice(0)) {
    loop.close();
  }
});

test('an EventManager of @em/sys is one of @em/core', () => {
  const core: CoreEventManager = manager;
  expect(core).toBeInstanceOf(CoreEventManager);
});

test.each([
  ['a capacity that is out of range', { capacity: 0 }, 'ERR_OUT_OF_RANGE'],
  ['an error handler that is not a function', { onError: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['options that are not an object', 1, 'ERR_INVALID_ARG_TYPE'],
])('the constructor throws for %s, and leaves no fd open', (_, options, code) => {
  expect(raises(() => Reflect.construct(EventManager, [options])).code).toBe(code);
});

test('audit() reports nothing if the kernel watches the registered fds', () => {
  using eventFd = new EventFd();
  manager.add(eventFd, EventSet.IN, () => undefined);
  expect(manager.audit()).toEqual([]);
});

describe('fd', () => {
  test('is the same at each read, and throws once the manager is closed', () => {
    expect(manager.fd).toBe(manager.fd);
    manager.close();
    expect(raises(() => manager.fd).code).toBe('ERR_EM_CLOSED');
  });

  test('exists on a poller without an EventManager of @em/sys', () => {
    const poller = new EpollPoller();
    using core = new CoreEventManager({ poller });
    using eventFd = new EventFd();
    core.add(eventFd, EventSet.IN, () => eventFd.read());
    const isReadable = watch(poller.fd);
    expect(isReadable()).toBe(0);
    eventFd.write();
    expect(isReadable()).toBe(1);
  });

  test('is readable while an fd is ready, and not after its event is delivered', () => {
    using eventFd = new EventFd();
    manager.add(eventFd, EventSet.IN, () => eventFd.read());
    const isReadable = watch(manager.fd);
    expect(isReadable()).toBe(0);
    eventFd.write();
    expect(isReadable()).toBe(1);
    manager.wait(0);
    expect(isReadable()).toBe(0);
  });

  test('is readable after wake()', () => {
    const isReadable = watch(manager.fd);
    manager.wake();
    expect(isReadable()).toBe(1);
    manager.wait(0);
    expect(isReadable()).toBe(0);
  });

  test('is still readable in an outer epoll after a rebuild', () => {
    const poller = new EpollPoller();
    using core = new CoreEventManager({ poller });
    using eventFd = new EventFd();
    core.add(eventFd, EventSet.IN, () => eventFd.read());
    const { fd } = poller;
    const isReadable = watch(fd);
    poller.rebuild([...core]);
    expect(poller.fd).toBe(fd);
    expect(isReadable()).toBe(0);
    eventFd.write();
    expect(isReadable()).toBe(1);
    core.wait(0);
    expect(isReadable()).toBe(0);
  });

  test('is still readable in an outer epoll after a rebuild that fails', () => {
    const poller = new EpollPoller();
    using core = new CoreEventManager({ poller });
    using eventFd = new EventFd();
    core.add(eventFd, EventSet.IN, () => eventFd.read());
    const isReadable = watch(poller.fd);
    const wrong = { fd: eventFd.fd, events: EventSet.EXCLUSIVE | EventSet.ONE_SHOT, generation: 1 };
    expect(raises(() => poller.rebuild([wrong])).code).toBe('EINVAL');
    eventFd.write();
    expect(isReadable()).toBe(1);
  });
});

describe('a manager in another manager', () => {
  let outer: EventManager;

  beforeEach(() => {
    outer = new EventManager();
  });

  afterEach(() => {
    outer.close();
  });

  test('is driven by the other one', () => {
    const { reader, writer } = Pipe.open();
    const read: (number | undefined)[] = [];
    manager.add(reader, EventSet.IN, () => read.push(reader.read(new Uint8Array(8))), { own: true });
    outer.add(manager, EventSet.IN, () => manager.wait(0));
    expect(outer.wait(0)).toBe(0);
    writer.write(Buffer.from('abc'));
    writer.close();
    expect(outer.wait()).toBe(1);
    expect(read).toEqual([3]);
  });

  test('is driven by run() of the other one', async () => {
    using eventFd = new EventFd();
    manager.add(eventFd, EventSet.IN, () => {
      eventFd.read();
      outer.stop();
    });
    outer.add(manager, EventSet.IN, () => manager.wait(0));
    const running = outer.run();
    eventFd.write();
    await running;
    expect(manager.stats.dispatched).toBe(1);
  });

  test('ends its registration when it is closed', () => {
    const registration = outer.add(manager, EventSet.IN, () => manager.wait(0));
    manager.close();
    expect(registration.active).toBe(false);
    expect(outer.size).toBe(0);
    expect(outer.audit()).toEqual([]);
  });

  test('cannot be added to itself', () => {
    expect(raises(() => manager.add(manager, EventSet.IN, () => undefined)).code).toBe('ELOOP');
  });
});

/** Watches an fd with another epoll instance, as another event loop does. The result returns how many fds are ready. */
function watch(fd: number): () => number {
  const loop = new EventManager();
  loops.push(loop);
  loop.add(fd, EventSet.IN, () => undefined);
  return () => loop.wait(0);
}
