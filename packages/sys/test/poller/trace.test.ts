import { setImmediate } from 'node:timers/promises';
import { trace } from '@em/testing/trace';
import { describe, expect, test } from 'vitest';
import { EpollPoller, EventFd, EventManager, EventSet, Pipe, UnixStream, Waker } from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const { IN, HANG_UP, EMPTY } = EventSet;

expectNoFilesLeftOpen();

function setUp() {
  const poller = trace(new EpollPoller());
  return { poller, manager: new EventManager({ poller }) };
}

describe('an EventManager on a poller with a trace', () => {
  test('has fd, waker() and audit()', () => {
    const { poller, manager } = setUp();
    using outer = new EventManager();
    using eventFd = new EventFd();
    using waker = new Waker(manager.waker());
    manager.add(eventFd, IN, () => eventFd.read(), { label: 'bell' });
    expect(manager.audit()).toEqual([]);
    expect(manager.fd).toBe(poller.fd);
    outer.add(manager, IN, () => void manager.wait(0));
    eventFd.write();
    expect(outer.wait(0)).toBe(1);
    waker.wake();
    expect(manager.wait()).toBe(0);
    expect(manager.lastWait.cause).toBe('wake');
    manager.close();
    expect(poller.toJSON().steps.map(({ op }) => op)).toEqual(['add', 'wait', 'call', 'wait', 'end']);
  });

  test('records what run() does', async () => {
    const { poller, manager } = setUp();
    using eventFd = new EventFd(1);
    manager.add(
      eventFd,
      IN,
      () => {
        eventFd.read();
        manager.stop();
      },
      { label: 'bell' },
    );
    await manager.run();
    manager.close();
    const { steps } = poller.toJSON();
    expect(steps.map(({ op }) => op)).toEqual(['add', 'wait', 'call', 'end']);
    expect(steps[2]).toMatchObject({ op: 'call', fd: eventFd.fd, events: IN, label: 'bell' });
  });

  test('closes the poller, but not if the constructor throws', () => {
    const poller = trace(new EpollPoller());
    expect(raises(() => new EventManager({ poller, capacity: 0 })).code).toBe('ERR_OUT_OF_RANGE');
    const manager = new EventManager({ poller });
    manager.close();
    expect(raises(() => poller.fd).code).toBe('ERR_EM_CLOSED');
  });

  test('can have a bare EpollPoller, too', () => {
    using manager = new EventManager({ poller: new EpollPoller() });
    expect(manager.audit()).toEqual([]);
  });

  test('refuses what is no EpollPoller, and consumesEvents beside one', () => {
    const poller = new EpollPoller();
    const { add, modify, wait, wake, close } = poller;
    const other = { add, modify, delete: poller.delete, wait, wake, close };
    for (const options of [{ poller: 1 }, { poller: other }, { poller, consumesEvents: () => false }]) {
      expect(raises(() => Reflect.construct(EventManager, [options])).code).toBe('ERR_INVALID_ARG_TYPE');
    }
    poller.close();
  });
});

describe('hottest() of a loop on the kernel', () => {
  test('finds a HANG_UP that nothing asks for', () => {
    const { poller, manager } = setUp();
    const pipe = Pipe.open();
    manager.add(pipe.reader, IN, () => undefined, { label: 'log' }).modify(EMPTY);
    pipe.writer.close();
    // Many, because the first ones take as long as if they blocked.
    for (let i = 0; i < 5_000; i++) {
      manager.wait();
    }
    manager.close();
    pipe.reader.close();
    expect(poller.hottest()).toEqual([
      expect.objectContaining({ label: 'log', events: HANG_UP, calls: 5_000, reason: 'hang-up' }),
    ]);
  });

  test('finds an async callback under run()', async () => {
    const { poller, manager } = setUp();
    using eventFd = new EventFd(1);
    let calls = 0;
    manager.add(
      eventFd,
      IN,
      async () => {
        if (++calls === 3) {
          manager.stop();
        }
        await setImmediate();
        await setImmediate();
      },
      { label: 'jobs' },
    );
    await manager.run();
    manager.close();
    expect(poller.hottest()).toEqual([expect.objectContaining({ label: 'jobs', calls: 3, reason: 'async' })]);
  });

  test('finds nothing wrong with a conversation of two sockets', () => {
    const { poller, manager } = setUp();
    const [near, far] = UnixStream.pair();
    const [one, big] = [new Uint8Array(1), new Uint8Array(16)];
    manager.add(near, IN, () => void near.read(big), { own: true, label: 'near' });
    for (let i = 0; i < 300; i++) {
      far.write(one);
      manager.wait();
      manager.wait(0);
    }
    far.close();
    manager.close();
    expect(poller.hottest()).toEqual([expect.objectContaining({ label: 'near', calls: 300, reason: undefined })]);
  });
});
