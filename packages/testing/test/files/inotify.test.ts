import { EventSet } from '@em/core';
import { beforeEach, expect, test } from 'vitest';
import { type FakeInotify, FakePoller } from '../../src/index.js';
import { EVERY_EDGE, EVERYTHING, report } from '../report.js';

let poller: FakePoller;
let inotify: FakeInotify;

beforeEach(() => {
  poller = new FakePoller();
  inotify = poller.inotify();
});

function names(): (string | undefined)[] | undefined {
  return inotify.read()?.map((event) => (event.overflow ? 'overflow' : `${event.changes.join('|')} ${event.name}`));
}

test('a change that the interest names is reported, with IN until it is read', () => {
  poller.add(inotify.fd, EVERYTHING, 1);
  const watch = inotify.add('/tmp', ['CREATE', 'MOVED_TO']);
  expect(watch).toBe(1);
  expect(inotify.read()).toBeUndefined();
  inotify.emit(watch, 'DELETE', { name: 'gone' });
  expect(report(poller)).toEqual([]);
  inotify.emit(watch, 'CREATE', { name: 'é', isDirectory: true });
  inotify.emit(watch, 'MOVED_TO', { name: 'b', cookie: 5 });
  expect(report(poller)).toEqual(['3 IN']);
  expect(inotify.read()).toEqual([
    { overflow: false, watch, changes: ['CREATE', 'ISDIR'], cookie: 0, name: 'é', nameBytes: Buffer.from('é') },
    { overflow: false, watch, changes: ['MOVED_TO'], cookie: 5, name: 'b', nameBytes: Buffer.from('b') },
  ]);
  expect(report(poller)).toEqual([]);
  expect(inotify.read()).toBeUndefined();
});

test('every event is an edge, unless it is merged with the last one in the queue', () => {
  poller.add(inotify.fd, EVERY_EDGE, 1);
  const watch = inotify.add('/tmp', ['MODIFY', 'MOVED_FROM']);
  inotify.emit(watch, 'MODIFY', { name: 'a' });
  expect(report(poller)).toEqual(['3 IN']);
  inotify.emit(watch, 'MODIFY', { name: 'a' });
  expect(report(poller)).toEqual([]);
  inotify.emit(watch, 'MODIFY', { name: 'b' });
  inotify.emit(watch, 'MODIFY', { name: 'a' });
  expect(report(poller)).toEqual(['3 IN']);
  expect(names()).toEqual(['MODIFY a', 'MODIFY b', 'MODIFY a']);
});

test('a read returns at most 4,096 bytes of events, 16 and the rounded name each', () => {
  const watch = inotify.add('/tmp', ['CREATE', 'OPEN']);
  for (let i = 0; i < 200; i++) {
    inotify.emit(watch, i % 2 === 0 ? 'CREATE' : 'OPEN', { name: '123456789012345' });
  }
  expect([inotify.read()?.length, inotify.read()?.length, inotify.read()]).toEqual([128, 72, undefined]);
  for (let i = 0; i < 200; i++) {
    inotify.emit(watch, i % 2 === 0 ? 'CREATE' : 'OPEN', { name: '1234567890123456' });
  }
  expect(inotify.read()?.length).toBe(Math.floor(4096 / 48));
});

test('a path keeps its watch: its interest is replaced, or added to with MASK_ADD', () => {
  const watch = inotify.add('/tmp', ['CREATE']);
  expect(inotify.add(Buffer.from('/tmp'), ['DELETE'])).toBe(watch);
  inotify.emit(watch, 'CREATE', { name: 'a' });
  expect(inotify.add('/tmp', ['CREATE', 'MASK_ADD'])).toBe(watch);
  inotify.emit(watch, 'CREATE', { name: 'b' });
  inotify.emit(watch, 'DELETE', { name: 'c' });
  expect(names()).toEqual(['CREATE b', 'DELETE c']);
  expect(inotify.add('/etc', ['CREATE'])).toBe(2);
});

test('the last event of a watch is IGNORED, and its number is not used again', () => {
  const watch = inotify.add('/tmp', ['CREATE']);
  inotify.emit(watch, 'CREATE', { name: 'a' });
  expect(inotify.remove(watch)).toBe(true);
  expect(inotify.remove(watch)).toBe(false);
  expect(names()).toEqual(['CREATE a', 'IGNORED undefined']);
  expect(() => inotify.emit(watch, 'CREATE')).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  expect(inotify.add('/tmp', ['CREATE'])).toBe(watch + 1);
});

test('DELETE_SELF, UNMOUNT and an event for ONESHOT end the watch', () => {
  const once = inotify.add('/once', ['CREATE', 'ONESHOT']);
  inotify.emit(once, 'DELETE', { name: 'not asked for' });
  inotify.emit(once, 'CREATE', { name: 'a' });
  inotify.emit(inotify.add('/deleted', ['CREATE']), 'DELETE_SELF');
  inotify.emit(inotify.add('/mount', ['CREATE']), 'UNMOUNT');
  expect(names()).toEqual([
    'CREATE a',
    'IGNORED undefined',
    'IGNORED undefined',
    'UNMOUNT undefined',
    'IGNORED undefined',
  ]);
});

test('a queue of 16,384 events overflows once, until the report of it is read', () => {
  const watch = inotify.add('/tmp', ['CREATE']);
  for (let i = 0; i < 16_390; i++) {
    inotify.emit(watch, 'CREATE', { name: `${i}` });
  }
  const events: unknown[] = [];
  for (let some = inotify.read(); some !== undefined; some = inotify.read()) {
    events.push(...some);
  }
  expect(events.length).toBe(16_385);
  expect(events.at(-1)).toEqual({ overflow: true });
  expect(events.at(-2)).toMatchObject({ name: '16383' });
  inotify.overflow();
  inotify.overflow();
  poller.add(inotify.fd, EventSet.IN, 1);
  expect(report(poller)).toEqual(['3 IN']);
  expect(names()).toEqual(['overflow']);
});

test('inotify refuses what the kernel refuses', () => {
  inotify.add('/tmp', ['CREATE']);
  const wrong: [() => unknown, string][] = [
    [() => inotify.add('/tmp', ['CREATE', 'MASK_CREATE']), 'EEXIST'],
    [() => inotify.add('/new', ['ONLYDIR']), 'EINVAL'],
    [() => inotify.add('/new', ['CREATE', 'MASK_ADD', 'MASK_CREATE']), 'EINVAL'],
    [() => inotify.add('/new', ['IN_CREATE' as never]), 'ERR_OUT_OF_RANGE'],
    [() => inotify.add('/new', 'CREATE' as never), 'ERR_INVALID_ARG_TYPE'],
    [() => inotify.add('/new\0', ['CREATE']), 'ERR_OUT_OF_RANGE'],
    [() => inotify.add(5 as never, ['CREATE']), 'ERR_INVALID_ARG_TYPE'],
    [() => inotify.remove(-1), 'ERR_OUT_OF_RANGE'],
    [() => inotify.emit(1, 'IGNORED' as never), 'ERR_OUT_OF_RANGE'],
    [() => inotify.emit(1, 'CREATE', { name: 'x'.repeat(256) }), 'ERR_OUT_OF_RANGE'],
  ];
  for (const [call, code] of wrong) {
    expect(call).toThrow(expect.objectContaining({ code }));
  }
  expect(inotify.add('/new', ['CREATE', 'MASK_CREATE'])).toBe(2);
});

test('a duplicate of an inotify instance has the same watches and queue', () => {
  const watch = inotify.add('/tmp', ['CREATE']);
  const dup = inotify.dup();
  inotify.emit(watch, 'CREATE', { name: 'a' });
  inotify.close();
  expect(dup.read()).toHaveLength(1);
});
