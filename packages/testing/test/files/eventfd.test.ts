import { EventSet } from '@em/core';
import { beforeEach, expect, test } from 'vitest';
import { type FakeEventFd, FakePoller } from '../../src/index.js';
import { EVERY_EDGE, EVERYTHING, report } from '../report.js';

const MAX = 2n ** 64n - 2n;

let poller: FakePoller;
let eventFd: FakeEventFd;

beforeEach(() => {
  poller = new FakePoller();
  eventFd = poller.eventfd();
});

test('an eventfd returns its whole count to a read, which would block at 0', () => {
  expect(eventFd.read()).toBeUndefined();
  eventFd.write(2n);
  eventFd.write(40n);
  expect(eventFd.read()).toBe(42n);
  expect(eventFd.read()).toBeUndefined();
});

test('an eventfd counts from its initial value', () => {
  expect(poller.eventfd(5).read()).toBe(5n);
});

test('a write to an eventfd that exceeds the highest count would block, and adds nothing', () => {
  expect(eventFd.write(MAX - 1n)).toBe(true);
  expect(eventFd.write(2n)).toBe(false);
  expect(eventFd.write(1n)).toBe(true);
  expect(eventFd.write(1n)).toBe(false);
  expect(eventFd.write(0n)).toBe(true);
  expect(eventFd.read()).toBe(MAX);
});

test('an eventfd is IN above 0, and OUT below the highest count', () => {
  poller.add(eventFd.fd, EVERYTHING, 1);
  expect(report(poller)).toEqual(['3 OUT']);
  eventFd.write(1n);
  expect(report(poller)).toEqual(['3 IN|OUT']);
  eventFd.write(MAX - 1n);
  expect(report(poller)).toEqual(['3 IN']);
  eventFd.read();
  expect(report(poller)).toEqual(['3 OUT']);
});

test('every write to an eventfd is an edge, even a write of 0, and a read is an edge for OUT', () => {
  poller.add(eventFd.fd, EVERY_EDGE, 1);
  expect(report(poller)).toEqual(['3 OUT']);
  eventFd.write(1n);
  expect(report(poller)).toEqual(['3 IN|OUT']);
  expect(report(poller)).toEqual([]);
  eventFd.write(1n);
  expect(report(poller)).toEqual(['3 IN|OUT']);
  eventFd.write(0n);
  expect(report(poller)).toEqual(['3 IN|OUT']);
  eventFd.read();
  expect(report(poller)).toEqual(['3 OUT']);
  eventFd.read();
  expect(report(poller)).toEqual([]);
  eventFd.write(0n);
  expect(report(poller)).toEqual(['3 OUT']);
});

test('a read of an eventfd is not an edge for an interest in IN only', () => {
  poller.add(eventFd.fd, EventSet.union(EventSet.IN, EventSet.EDGE_TRIGGERED), 1);
  eventFd.write(1n);
  report(poller);
  eventFd.read();
  eventFd.write(1n);
  eventFd.read();
  expect(report(poller)).toEqual([]);
});

test('a write to an eventfd is not an edge for an interest in OUT only', () => {
  poller.add(eventFd.fd, EventSet.union(EventSet.OUT, EventSet.EDGE_TRIGGERED), 1);
  expect(report(poller)).toEqual(['3 OUT']);
  eventFd.write(1n);
  expect(report(poller)).toEqual([]);
  eventFd.read();
  expect(report(poller)).toEqual(['3 OUT']);
});

test('a write to an eventfd adds 1 by default', () => {
  eventFd.write();
  expect(eventFd.read()).toBe(1n);
});

test('an eventfd with semaphore returns 1 to each read, until the count is 0', () => {
  const semaphore = poller.eventfd(2, { semaphore: true });
  poller.add(semaphore.fd, EventSet.IN, 1);
  expect([semaphore.read(), report(poller)]).toEqual([1n, ['4 IN']]);
  expect([semaphore.read(), report(poller)]).toEqual([1n, []]);
  expect(semaphore.read()).toBeUndefined();
});

test('an eventfd refuses a value that is not a count, and stays as it is', () => {
  for (const value of [-1n, 2n ** 64n - 1n, 2n ** 64n]) {
    expect(() => eventFd.write(value)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  for (const value of [-1, 2 ** 32]) {
    expect(() => poller.eventfd(value)).toThrow(expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }));
  }
  expect(() => poller.eventfd(1n as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  expect(() => eventFd.write(1 as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  expect(eventFd.read()).toBeUndefined();
  expect(poller.eventfd().fd).toBe(4);
});
