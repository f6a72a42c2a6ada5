import { setImmediate } from 'node:timers/promises';
import { EventManager } from '@em/core';
import { FakePoller } from '@em/testing';
import { beforeEach, expect, test } from 'vitest';
import { type FdDuplex, type FdReadable, type FdWritable, toDuplex, toReadable, toWritable } from '../src/index.js';

let poller: FakePoller;
let manager: EventManager;

beforeEach(() => {
  poller = new FakePoller();
  manager = new EventManager({ poller });
  void manager.run();
});

const STREAMS: [name: string, make: () => FdReadable | FdWritable | FdDuplex][] = [
  ['toReadable', () => toReadable(manager, poller.pipe().reader)],
  ['toWritable', () => toWritable(manager, poller.pipe().writer)],
  ['toDuplex', () => toDuplex(manager, poller.socketpair()[0])],
];

test.each(STREAMS)('a stream of %s keeps the process alive, but not after unref()', async (_name, make) => {
  const stream = make();
  await setImmediate();
  expect(poller.hasRef).toBe(true);
  expect(stream.unref()).toBe(stream);
  expect(poller.hasRef).toBe(false);
  expect(stream.ref()).toBe(stream);
  expect(poller.hasRef).toBe(true);
  stream.destroy();
  await setImmediate();
  expect(poller.hasRef).toBe(false);
  stream.ref().unref();
  expect(poller.hasRef).toBe(false);
});

test.each(STREAMS)('unref() of a stream of %s works at once', async (_name, make) => {
  const stream = make().unref();
  await setImmediate();
  expect(manager.size).toBe(1);
  expect(poller.hasRef).toBe(false);
  stream.destroy();
});
