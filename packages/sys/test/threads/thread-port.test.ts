import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventFd, EventManager, EventSet, ThreadChannel, ThreadPort } from '../../src/index.js';
import { onEachHostLoop } from '../support/host-loops.js';
import { expectNoFilesLeftOpen, expectOpened, openFiles } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { withNumber } from '../support/with-number.js';

const { IN, HANG_UP, EDGE_TRIGGERED } = EventSet;

let manager: EventManager;
let near: ThreadPort;
let far: ThreadPort;

expectNoFilesLeftOpen();

beforeEach(() => {
  manager = new EventManager();
  const { port1, port2 } = new ThreadChannel();
  near = new ThreadPort(port1);
  far = new ThreadPort(port2);
});

afterEach(() => {
  for (const closable of [near, far, manager]) {
    closable.close();
  }
});

/** Returns the events of a port, and an empty set if it is not ready. */
function eventsOf(port: ThreadPort): string {
  using observer = new EventManager();
  let reported: EventSet = EventSet.EMPTY;
  observer.add(port, IN, (events) => {
    reported = events;
  });
  observer.wait(0);
  return EventSet.format(reported & (IN | HANG_UP));
}

/** Takes all messages. */
function drain(port: ThreadPort): unknown[] {
  const messages: unknown[] = [];
  for (let next = port.receive(); next !== undefined; next = port.receive()) {
    messages.push(next);
  }
  return messages;
}

describe('post() and receive()', () => {
  test('pass messages of any kind in order, in both directions', () => {
    const sent = [0, '', null, false, { nested: [1, { two: 2n }] }, new Map([[1, new Date(0)]]), new Uint8Array(3)];
    expect(sent.map((message) => near.post(message))).toEqual(sent.map(() => true));
    far.post('back');
    expect(drain(far)).toEqual(sent);
    expect(drain(near)).toEqual(['back']);
  });

  test('return undefined if there is no message', () => {
    expect(near.receive()).toBeUndefined();
    expect([near.ended, eventsOf(near)]).toEqual([false, 'EMPTY']);
  });

  test('report IN exactly while there are messages, however many were posted at once', () => {
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 1000; count++) {
        near.post(count);
      }
      for (let count = 0; count < 1000; count++) {
        expect(eventsOf(far)).toBe('IN');
        expect(far.receive()).toBe(count);
      }
      expect(far.receive()).toBeUndefined();
      expect(eventsOf(far)).toBe('EMPTY');
    }
    expect(eventsOf(near)).toBe('EMPTY');
  });

  test('wake an edge-triggered registration for each message after the last one was received', () => {
    const received: unknown[] = [];
    manager.add(far, IN | EDGE_TRIGGERED, () => received.push(...drain(far)));
    for (let count = 0; count < 100; count++) {
      near.post(count);
      expect(manager.wait()).toBe(1);
    }
    expect(received).toEqual(Array.from({ length: 100 }, (_, count) => count));
    near.close();
    expect([manager.wait(), far.ended]).toEqual([1, true]);
  });

  test('move what is transferred, and share shared memory', () => {
    const moved = new Uint8Array([1, 2]);
    const shared = new Uint8Array(new SharedArrayBuffer(1));
    near.post({ moved, shared }, [moved.buffer]);
    expect(moved.byteLength).toBe(0);
    const got = far.receive() as { moved: Uint8Array; shared: Uint8Array };
    expect([...got.moved]).toEqual([1, 2]);
    got.shared[0] = 9;
    expect(shared[0]).toBe(9);
  });

  test('pass the ports of another channel', () => {
    const { port1, port2 } = new ThreadChannel();
    near.post(port2, [port2]);
    using inner = new ThreadPort(port1);
    inner.post('inside');
    using other = new ThreadPort(far.receive() as MessagePort);
    expect(other.receive()).toBe('inside');
  });

  test('throw for a message that cannot be cloned, and send and transfer nothing', () => {
    const { buffer } = new Uint8Array(8);
    expect(raises(() => near.post({ buffer, run: () => 0 }, [buffer])).name).toBe('DataCloneError');
    expect(buffer.byteLength).toBe(8);
    expect([eventsOf(far), far.receive()]).toEqual(['EMPTY', undefined]);
    near.post('next');
    expect([eventsOf(far), far.receive()]).toEqual(['IN', 'next']);
  });

  test('throw if cloning the message closes the port, and write to no other file', () => {
    let newcomer: EventFd | undefined;
    const message = {
      get text() {
        const { fd } = near;
        near.close();
        newcomer = withNumber(fd, () => new EventFd());
        return 'gone';
      },
    };
    expect(raises(() => near.post(message)).code).toBe('ERR_EM_CLOSED');
    expect(newcomer?.read()).toBeUndefined();
    newcomer?.close();
  });
});

describe('the end of the other end', () => {
  test('is reported as HANG_UP, and as ended once its messages are received', () => {
    near.post('first');
    near.post('last');
    near.close();
    expect([eventsOf(far), far.ended]).toEqual(['IN|HANG_UP', false]);
    expect(far.receive()).toBe('first');
    expect([eventsOf(far), far.ended]).toEqual(['IN|HANG_UP', false]);
    expect(far.receive()).toBe('last');
    expect([far.receive(), far.ended]).toEqual([undefined, true]);
    expect([far.receive(), far.ended]).toEqual([undefined, true]);
  });

  test('makes post() return false and leave alone what would be transferred', () => {
    const { buffer } = new Uint8Array(8);
    near.post('unread');
    far.close();
    expect(near.post(buffer, [buffer])).toBe(false);
    expect(buffer.byteLength).toBe(8);
    expect([near.receive(), near.ended]).toEqual([undefined, true]);
  });

  test('while a message is cloned makes post() return false', () => {
    const message = {
      get text() {
        far.close();
        return 'gone';
      },
    };
    expect(near.post(message)).toBe(false);
  });

  test('does not end the messages in the other direction', () => {
    far.post('before');
    near.post('unread');
    far.close();
    expect([near.receive(), near.receive(), near.ended]).toEqual(['before', undefined, true]);
  });

  test('is reported to a port that is opened later', () => {
    const { port1, port2 } = new ThreadChannel();
    const first = new ThreadPort(port1);
    first.post('left behind');
    first.close();
    using second = new ThreadPort(port2);
    expect([eventsOf(second), second.post('too late')]).toEqual(['IN|HANG_UP', false]);
    expect([second.receive(), second.receive(), second.ended]).toEqual(['left behind', undefined, true]);
  });

  test.each(['before', 'after'])('is reported in the event loop if the other port is closed %s', async (when) => {
    const { port1, port2 } = new ThreadChannel();
    if (when === 'before') {
      port2.close();
      // Node handles the close, and sees only that a message comes before it.
      for (let turn = 0; turn < 10; turn++) {
        await setImmediate();
      }
    }
    using first = new ThreadPort(port1);
    port2.close();
    const run = manager.run();
    expect(EventSet.format(await manager.once(first, IN))).toBe('IN|HANG_UP');
    expect([first.receive(), first.ended]).toEqual([undefined, true]);
    manager.stop();
    await run;
  });
});

describe('a port', () => {
  test('receives what was posted before it was opened', () => {
    const { port1, port2 } = new ThreadChannel();
    using first = new ThreadPort(port1);
    first.post('early');
    first.post('also');
    using second = new ThreadPort(port2);
    expect(eventsOf(second)).toBe('IN');
    expect(drain(second)).toEqual(['early', 'also']);
    expect(eventsOf(second)).toBe('EMPTY');
  });

  test('cannot be opened twice, and loses no message by the attempt', () => {
    const { port1, port2 } = new ThreadChannel();
    using first = new ThreadPort(port1);
    using second = new ThreadPort(port2);
    first.post('kept');
    expect(raises(() => new ThreadPort(port2)).code).toBe('ERR_INVALID_ARG_TYPE');
    expect(second.receive()).toBe('kept');
  });

  test('cannot be made of another MessagePort', () => {
    const { port1, port2 } = new MessageChannel();
    for (const first of [null, 1, {}, { words: new Uint32Array(3), end: 1 }]) {
      port1.postMessage(first);
      expect(raises(() => new ThreadPort(port2)).code).toBe('ERR_INVALID_ARG_TYPE');
    }
    expect(raises(() => new ThreadPort(port2)).code).toBe('ERR_INVALID_ARG_TYPE');
    port1.close();
  });

  test('does nothing once it is closed', () => {
    near.close();
    near.close();
    for (const call of [() => near.post(1), () => near.receive(), () => near.fd]) {
      expect(raises(call).code).toBe('ERR_EM_CLOSED');
    }
    expect([near.closed, near.ended]).toEqual([true, false]);
  });

  test('closes its fds at once, and the port of Node', async () => {
    const before = openFiles();
    const { port1 } = new ThreadChannel();
    const closed = once(port1, 'close');
    new ThreadPort(port1).close();
    await expectOpened(before);
    await closed;
  });

  test('ends its registration when it is closed', () => {
    const registration = manager.add(far, IN, vi.fn());
    far.close();
    expect([registration.active, manager.size]).toEqual([false, 0]);
  });
});

test('a callback that throws loses none of the messages that it did not take', () => {
  const received: unknown[] = [];
  for (let count = 0; count < 10; count++) {
    near.post(count);
  }
  manager.add(far, IN, () => {
    for (let next = far.receive(); next !== undefined; next = far.receive()) {
      received.push(next);
      if (Number(next) % 3 === 0) {
        throw new Error(`at ${next}`);
      }
    }
  });
  const outcomes = ['at 0', 'at 3', 'at 6', 'at 9'].map((message) => raises(() => manager.wait()).message === message);
  expect(outcomes).toEqual([true, true, true, true]);
  manager.wait();
  expect([received, manager.wait(0)]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0]);
});

function defineTests(turn: () => unknown): void {
  test('other fds have their turn while thousands of messages are taken one by one', async () => {
    using other = new EventFd();
    let received = 0;
    let turns = 0;
    manager.add(far, IN, () => {
      if (far.receive() !== undefined) {
        received++;
        other.write();
      }
    });
    manager.add(other, IN, () => {
      other.read();
      turns++;
    });
    for (let count = 0; count < 3000; count++) {
      near.post(count);
    }
    while (turns === 0 || received < 3000) {
      await turn();
    }
    expect(turns).toBeGreaterThan(1000);
  });

  test('a message that the callback of another one posts is received', async () => {
    let last = 0;
    manager.add(far, IN, () => {
      for (const next of drain(far)) {
        last = Number(next);
        far.post(last);
      }
    });
    manager.add(near, IN, () => {
      for (const next of drain(near)) {
        near.post(Number(next) + 1);
      }
    });
    near.post(0);
    while (last < 500) {
      await turn();
    }
    expect(manager.size).toBe(2);
  });
}

describe('under wait(),', () => {
  defineTests(() => manager.wait());
});

onEachHostLoop('under run(),', () => {
  beforeEach(() => {
    void manager.run();
  });
  defineTests(() => setImmediate());
});
