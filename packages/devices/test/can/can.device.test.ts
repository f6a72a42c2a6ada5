import { execFileSync } from 'node:child_process';
import { EventManager, EventSet } from '@em/sys';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CanOptions, CanSocket } from '../../src/can.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

// A bus of its own, so that it can be taken away.
const BUS = 'emcan0';

beforeEach(() => {
  ip('link', 'add', BUS, 'type', 'vcan');
  ip('link', 'set', BUS, 'mtu', '72', 'up');
});

afterEach(() => {
  try {
    ip('link', 'del', BUS);
  } catch {
    // The test has taken it away.
  }
});

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}

/** Returns the identifiers that a socket with these options receives of frames that another sends. */
function received(options: CanOptions, ...ids: number[]): unknown[] {
  using receiver = CanSocket.open(BUS, options);
  using sender = CanSocket.open(BUS, { fdFrames: true });
  for (const id of ids) {
    sender.send({ id });
  }
  sender.send({ id: 1, fd: true, data: new Uint8Array(64) });
  // Frames of a virtual bus arrive while they are sent.
  const frames: unknown[] = [];
  for (let frame = receiver.receive(); frame !== undefined; frame = receiver.receive()) {
    frames.push(frame.fd ? 'fd' : frame.id);
  }
  return frames;
}

test('a frame passes to other sockets on the bus', () => {
  using receiver = CanSocket.open(BUS);
  using sender = CanSocket.open(BUS, { receiveOwn: true });
  expect(sender.send({ id: 0x123, data: Uint8Array.of(1, 2, 3) })).toBe(3);
  const frame = { kind: 'data', id: 0x123, extended: false, data: Uint8Array.of(1, 2, 3), fd: false };
  expect(waitFor(receiver, () => receiver.receive())).toMatchObject(frame);
  expect(waitFor(sender, () => sender.receive())).toMatchObject(frame);
  expect(receiver.receive()).toBeUndefined();
});

test('filters and options decide what is received', () => {
  expect(received({}, 1, 2, 0x12345)).toEqual([1, 2, 0x12345]);
  expect(received({ fdFrames: true }, 1)).toEqual([1, 'fd']);
  expect(received({ filters: [] }, 1)).toEqual([]);
  expect(received({ filters: [{ id: 2 }, { id: 0x12345 }] }, 1, 2, 0x12345)).toEqual([2, 0x12345]);
  expect(received({ filters: [{ id: 0x100, mask: 0x700 }] }, 0x0ff, 0x100, 0x1ff, 0x200)).toEqual([0x100, 0x1ff]);
  expect(received({ filters: [{ id: 2, extended: true }] }, 2)).toEqual([]);
});

test('filters can be replaced, and an fd be adopted', () => {
  using socket = CanSocket.adopt(CanSocket.open(BUS, { filters: [] }).detach());
  expect(socket.path).toBe(`/sys/class/net/${BUS}`);
  socket.setFilters([{ id: 7 }]);
  using sender = CanSocket.open(BUS);
  sender.send({ id: 7 });
  expect(socket.receive()).toMatchObject({ id: 7 });
});

test('an interface that does not exist, or is no bus, is refused', () => {
  expect(raises(() => CanSocket.open('nocan0'))).toMatchObject({ code: 'ENODEV', path: '/sys/class/net/nocan0' });
  expect(raises(() => CanSocket.open('lo'))).toMatchObject({ code: 'ENODEV' });
});

test('an interface that is taken away is reported', () => {
  using socket = CanSocket.open(BUS);
  using manager = new EventManager();
  const seen: string[] = [];
  manager.add(socket, EventSet.IN, (events, registration) => {
    seen.push(EventSet.format(events & EventSet.ERROR));
    registration.delete();
  });
  ip('link', 'del', BUS);
  manager.wait();
  expect(seen).toEqual(['ERROR']);
  expect(raises(() => socket.receive())).toMatchObject({ code: 'ENODEV', path: `/sys/class/net/${BUS}` });
});
