import { EventManager, EventSet } from '@em/core';
import { expect, test } from 'vitest';
import { FakePoller } from '../src/index.js';
import { report } from './report.js';

test('a new file gets the lowest free number, from 3 on', () => {
  const poller = new FakePoller();
  const [three, four, five] = [poller.eventfd(), poller.device(), poller.file()];
  expect([three.fd, four.fd, five.fd]).toEqual([3, 4, 5]);
  four.close();
  three.close();
  expect(poller.eventfd().fd).toBe(3);
  expect(poller.pipe()).toMatchObject({ reader: { fd: 4 }, writer: { fd: 6 } });
});

test('a dup is a second number for the same file', () => {
  const poller = new FakePoller();
  const eventFd = poller.eventfd();
  const dup = eventFd.dup();
  expect(dup.fd).toBe(4);
  eventFd.write(2n);
  expect(dup.read()).toBe(2n);
  eventFd.close();
  dup.write(3n);
  expect(dup.read()).toBe(3n);
});

test('a second close() does not close another file that has the number', () => {
  const poller = new FakePoller();
  const first = poller.eventfd();
  const { fd } = first;
  first.close();
  const second = poller.eventfd(1);
  expect(second.fd).toBe(fd);
  first.close();
  first[Symbol.dispose]();
  expect(second.read()).toBe(1n);
});

test('every method of a closed fd object throws ERR_EM_CLOSED, and so does `fd`', () => {
  const poller = new FakePoller();
  const eventFd = poller.eventfd();
  const { reader, writer } = poller.pipe();
  const [socket] = poller.socketpair();
  const device = poller.device();
  const file = poller.file();
  const bytes = new Uint8Array(1);
  const closed = expect.objectContaining({ code: 'ERR_EM_CLOSED' });
  for (const fd of [eventFd, reader, writer, socket, device, file]) {
    fd.close();
    expect(() => fd.fd).toThrow(closed);
    expect(() => fd.dup()).toThrow(closed);
    expect(() => fd.detach()).toThrow(closed);
  }
  expect(() => eventFd.read()).toThrow(closed);
  expect(() => eventFd.write(1n)).toThrow(closed);
  expect(() => reader.read(bytes)).toThrow(closed);
  expect(() => writer.write(bytes)).toThrow(closed);
  expect(() => socket.read(bytes)).toThrow(closed);
  expect(() => socket.write(bytes)).toThrow(closed);
  expect(() => socket.shutdown('both')).toThrow(closed);
  expect(() => device.set(EventSet.IN)).toThrow(closed);
  expect(() => device.clear()).toThrow(closed);
});

test('detach() ends the registrations and leaves the number open', () => {
  const poller = new FakePoller();
  const manager = new EventManager({ poller });
  const eventFd = poller.eventfd(1);
  const registration = manager.add(eventFd, EventSet.IN, () => undefined);
  const fd = eventFd.detach();
  expect([fd, eventFd.closed, registration.active]).toEqual([3, true, false]);
  expect(poller.eventfd().fd).toBe(4);
  poller.add(fd, EventSet.IN, 1);
  expect(report(poller)).toEqual(['3 IN']);
});

test('every kind of file can be duplicated, and ends when its last number is closed', () => {
  const poller = new FakePoller();
  const { reader, writer } = poller.pipe();
  const [socket, peer] = poller.socketpair();
  const device = poller.device();
  device.set(EventSet.IN);
  const dups = [writer.dup(), peer.dup(), device.dup(), reader.dup(), poller.file().dup()];
  for (const fd of [writer, peer, device]) {
    fd.close();
  }
  poller.add(reader.fd, EventSet.IN, 1);
  poller.add(socket.fd, EventSet.IN, 1);
  poller.add(dups[2]?.fd ?? 0, EventSet.IN, 1);
  expect(report(poller)).toEqual([`${dups[2]?.fd} IN`]);
  for (const dup of dups) {
    dup.close();
  }
  expect(report(poller)).toEqual([`${reader.fd} HANG_UP`, `${socket.fd} IN|HANG_UP`]);
});
