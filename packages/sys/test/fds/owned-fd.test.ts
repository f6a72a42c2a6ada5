import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Socket as NodeSocket } from 'node:net';
import { EventManager as CoreEventManager } from '@em/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  close,
  dup,
  EpollPoller,
  EventFd,
  EventManager,
  EventSet,
  Pipe,
  TcpListener,
  TcpStream,
} from '../../src/index.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';
import { withNumber } from '../support/with-number.js';

const { IN, ONE_SHOT } = EventSet;
const REFUSAL = new Error('refused');

let manager: EventManager;
let eventFd: EventFd;

expectNoFilesLeftOpen();

beforeEach(() => {
  manager = new EventManager();
  eventFd = new EventFd();
});

afterEach(() => {
  eventFd.close();
  manager.close();
});

/** A manager whose poller fails to delete. */
function failingManager(): CoreEventManager {
  const poller = new EpollPoller();
  vi.spyOn(poller, 'delete').mockImplementation(() => {
    throw REFUSAL;
  });
  return new CoreEventManager({ poller });
}

describe('close()', () => {
  test('ends its registrations in all managers, so that no reused number is watched', () => {
    using other = new EventManager();
    const callback = vi.fn();
    const registrations = [manager.add(eventFd, IN, callback), other.group().add(eventFd, IN, callback)];
    const { fd } = eventFd;
    eventFd.close();
    expect(registrations.map(({ active }) => active)).toEqual([false, false]);
    using _newcomer = withNumber(fd, () => new EventFd(1));
    expect([manager.has(fd), manager.wait(0), other.wait(0)]).toEqual([false, 0, 0]);
    expect(callback).not.toHaveBeenCalled();
  });

  test('leaves no orphan, although a duplicate keeps the file open and ready', () => {
    const keeper = dup(eventFd.fd);
    manager.add(eventFd, IN, vi.fn());
    eventFd.write();
    eventFd.close();
    manager.wait(0);
    expect(manager.lastWait).toMatchObject({ cause: 'timeout', stale: 0 });
    close(keeper);
  });

  test('throws an AggregateError if two steps fail, and closes nevertheless', () => {
    const failing = failingManager();
    failing.add(eventFd, IN, vi.fn());
    const { fd } = eventFd;
    close(fd);
    expect(raises(() => eventFd.close())).toMatchObject({
      code: 'ERR_EM_CLOSE_FAILED',
      message: expect.stringContaining(`fd ${fd}`),
      errors: [REFUSAL, { code: 'EBADF', syscall: 'close', fd }],
    });
    expect(eventFd.closed).toBe(true);
    expect(() => eventFd.close()).not.toThrow();
    failing.close();
  });

  test('frees the number of a registration that was paused, or has fired', () => {
    const other = new EventFd(1);
    const paused = manager.add(eventFd, IN, vi.fn());
    const fired = manager.add(other, IN | ONE_SHOT, vi.fn());
    paused.pause();
    manager.wait(0);
    eventFd.close();
    other.close();
    for (const { fd } of [paused, fired]) {
      const newcomer = withNumber(fd, () => new EventFd(1));
      manager.add(newcomer, IN, vi.fn(), { own: true });
    }
    expect(manager.wait(0)).toBe(2);
  });

  test('works inside its own callback, in run()', async () => {
    eventFd.write();
    manager.add(eventFd, IN, () => {
      eventFd.close();
      manager.stop();
    });
    await manager.run();
    expect([eventFd.closed, manager.size]).toEqual([true, 0]);
  });

  test('rejects a pending once()', async () => {
    const run = manager.run();
    const step = manager.once(eventFd, IN);
    setImmediate(() => eventFd.close());
    await expect(step).rejects.toMatchObject({ code: 'ERR_EM_NOT_REGISTERED' });
    manager.stop();
    await run;
  });

  test('closes once if the registration owns it, whichever ends first', () => {
    const { reader, writer } = Pipe.open();
    const registrations = [reader, writer].map((end) => manager.add(end, EventSet.EMPTY, vi.fn(), { own: true }));
    reader.close();
    registrations[1]?.delete();
    expect([reader.closed, writer.closed, manager.size]).toEqual([true, true, 0]);
  });

  test('closes although a registration cannot be deleted, and throws that error', () => {
    const failing = failingManager();
    failing.add(eventFd, IN, vi.fn());
    const registration = manager.add(eventFd, IN, vi.fn());
    const { fd } = eventFd;
    expect(raises(() => eventFd.close())).toBe(REFUSAL);
    expect([eventFd.closed, registration.active, existsSync(`/proc/self/fd/${fd}`)]).toEqual([true, false, false]);
    eventFd.close();
    failing.close();
  });

  test('of an fd that was closed by its number throws EBADF, once', () => {
    close(eventFd.fd);
    expect(raises(() => eventFd.close())).toMatchObject({ code: 'EBADF', syscall: 'close' });
    eventFd.close();
  });
});

describe('detach()', () => {
  test('ends the registrations and leaves the fd to the caller', () => {
    const registration = manager.add(eventFd, IN, vi.fn());
    const { fd } = eventFd;
    expect(eventFd.detach()).toBe(fd);
    expect([registration.active, eventFd.closed]).toEqual([false, true]);
    expect(raises(() => eventFd.detach()).code).toBe('ERR_EM_CLOSED');
    eventFd.close();
    expect(manager.add(fd, IN, vi.fn()).delete()).toBe(true);
    close(fd);
  });

  test('leaves the fd open, also if the registration owned it', () => {
    manager.add(eventFd, IN, vi.fn(), { own: true });
    close(eventFd.detach());
  });

  test('closes the fd if a registration cannot be deleted', () => {
    const failing = failingManager();
    failing.add(eventFd, IN, vi.fn());
    const { fd } = eventFd;
    expect(raises(() => eventFd.detach())).toBe(REFUSAL);
    expect(existsSync(`/proc/self/fd/${fd}`)).toBe(false);
    failing.close();
  });

  test('hands a connection over to Node', async () => {
    using listener = TcpListener.listen({ host: '127.0.0.1', port: 0 });
    using client = TcpStream.connect({ host: '127.0.0.1', port: listener.address.port });
    const stream = waitFor(listener, IN, () => listener.accept());
    manager.add(stream, IN, vi.fn());
    const socket = new NodeSocket({ fd: stream.detach() });
    socket.end('from Node');
    const into = Buffer.alloc(16);
    const length = waitFor(client, IN, () => client.read(into));
    expect(into.toString('utf8', 0, length)).toBe('from Node');
    client.close();
    await once(socket.resume(), 'close');
  });
});
