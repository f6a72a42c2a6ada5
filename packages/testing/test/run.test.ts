import { EventManager, EventSet, ReadyBatch } from '@em/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakePoller } from '../src/index.js';

const { IN, PRIORITY } = EventSet;

let poller: FakePoller;
let manager: EventManager;

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller });
});

afterEach(() => {
  manager.close();
});

/** Some turns of the host loop, during which nothing advances the time. */
async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('run() on the fake', () => {
  test('calls back for what is ready now, without a call of advance()', async () => {
    const eventFd = poller.eventfd();
    manager.add(eventFd, IN, () => {
      expect(eventFd.read()).toBe(7n);
      manager.stop();
    });
    const running = manager.run();
    eventFd.write(7n);
    await running;
    expect(poller.nowMs).toBe(0);
  });

  test('does not make the time pass: neither a timer nor a planned action is due by itself', async () => {
    const called = vi.fn();
    manager.after(0.001, called);
    poller.after(0.001, called);
    const running = manager.run();
    await turns();
    expect(called).not.toHaveBeenCalled();
    expect(poller.nowMs).toBe(0);
    manager.stop();
    await running;
  });

  test('serves one batch per turn of the host loop, while an event stays true', async () => {
    manager.add(poller.eventfd(1), IN, () => undefined);
    void manager.run();
    await turns(100);
    expect(manager.stats.waits).toBeGreaterThan(10);
    expect(manager.stats.waits).toBeLessThanOrEqual(101);
  });

  test('does not wait when nothing is ready any more', async () => {
    const eventFd = poller.eventfd(1);
    manager.add(eventFd, IN, () => void eventFd.read());
    void manager.run();
    await poller.advance(0);
    expect(manager.stats).toMatchObject({ waits: 1, dispatched: 1 });
    eventFd.write(1n);
    eventFd.read();
    await poller.advance(0);
    expect(manager.stats.waits).toBe(1);
  });

  test('goes on after a rebuild', async () => {
    const [eventFd, other] = [poller.eventfd(1), poller.eventfd()];
    const duplicate = eventFd.dup();
    const { fd } = eventFd;
    manager.add(fd, IN, () => {
      eventFd.close();
      manager.delete(fd);
    });
    const called = vi.fn(() => void other.read());
    manager.add(other, IN, called);
    void manager.run();
    await poller.advance(0);
    expect(poller.log.map(({ op }) => op)).toContain('rebuild');
    other.write(1n);
    await poller.advance(0);
    expect(called).toHaveBeenCalledOnce();
    duplicate.close();
  });

  test('delivers an event that its poll consumes', async () => {
    const trigger = poller.trigger();
    const called = vi.fn();
    manager.add(trigger, PRIORITY, called);
    void manager.run();
    trigger.fire();
    await poller.advance(0);
    expect(called).toHaveBeenCalledOnce();
  });

  test('shows in hasRef whether it would keep the process alive on the kernel', async () => {
    const registration = manager.add(poller.eventfd(), IN, () => undefined);
    expect(poller.hasRef).toBe(false);
    const running = manager.run();
    expect(poller.hasRef).toBe(true);
    registration.unref();
    expect(poller.hasRef).toBe(false);
    registration.ref();
    manager.unref();
    expect(poller.hasRef).toBe(false);
    manager.ref();
    expect(poller.hasRef).toBe(true);
    manager.stop();
    await running;
    expect(poller.hasRef).toBe(false);
  });

  test('rejects after an injected fault of wait()', async () => {
    manager.add(poller.eventfd(1), IN, () => undefined);
    poller.failNext('wait', 'EBADF');
    await expect(manager.run()).rejects.toMatchObject({ code: 'EBADF', syscall: 'epoll_wait' });
  });
});

describe('attach()', () => {
  const batch = new ReadyBatch(4);

  test('calls onReady until the event is taken, and no longer after detach()', async () => {
    const eventFd = poller.eventfd(1);
    poller.add(eventFd.fd, IN, 1);
    const onReady = vi.fn(() => void poller.wait(batch, 0));
    const attachment = poller.attach(onReady);
    expect(onReady).not.toHaveBeenCalled();
    await turns();
    const { length } = onReady.mock.calls;
    expect(length).toBeGreaterThan(1);
    attachment.detach();
    attachment.detach();
    await turns();
    expect(onReady).toHaveBeenCalledTimes(length);
  });

  test('replaces an earlier attachment, as that of EpollPoller does', async () => {
    const [first, second] = [vi.fn(), vi.fn(() => void poller.wait(batch, 0))];
    poller.attach(first);
    poller.attach(second);
    poller.wake();
    await turns();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  test('is refused when the poller is closed, and close() detaches', async () => {
    const onReady = vi.fn();
    poller.attach(onReady);
    poller.wake();
    poller.close();
    await turns();
    expect(onReady).not.toHaveBeenCalled();
    expect(() => poller.attach(onReady)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  test('calls onReady when the alarm is due, once, and not after it was replaced', async () => {
    const at: number[] = [];
    const attachment = poller.attach(() => void at.push(poller.nowMs));
    attachment.setAlarm?.(5);
    attachment.setAlarm?.(10);
    await poller.advance(20);
    attachment.setAlarm?.(15);
    await turns();
    attachment.setAlarm?.(30);
    attachment.setAlarm?.(Number.POSITIVE_INFINITY);
    await poller.advance(20);
    expect(at).toEqual([10, 20]);
  });

  test('calls onReady when a wait has passed the time of the alarm', async () => {
    const onReady = vi.fn();
    poller.attach(onReady).setAlarm?.(5);
    poller.wait(batch, 10);
    await turns();
    expect(onReady).toHaveBeenCalledOnce();
  });
});
