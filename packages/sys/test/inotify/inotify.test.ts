import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventManager, EventSet, Inotify, type InotifyEvent, type InotifyInterest } from '../../src/index.js';
import { raises } from '../support/raises.js';

let folder: string;
let inotify: Inotify;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-inotify-'));
  inotify = new Inotify();
});

afterEach(() => {
  inotify.close();
  rmSync(folder, { recursive: true, force: true });
});

function readAll(): InotifyEvent[] {
  const events: InotifyEvent[] = [];
  for (let some = inotify.read(); some !== undefined; some = inotify.read()) {
    events.push(...some);
  }
  return events;
}

test('IN is reported while there are events to read', () => {
  using manager = new EventManager();
  manager.add(inotify, EventSet.IN, vi.fn());
  inotify.add(folder, ['CREATE']);
  expect(manager.wait(0)).toBe(0);
  writeFileSync(join(folder, 'a'), '');
  expect(manager.wait(10_000)).toBe(1);
  readAll();
  expect(manager.wait(0)).toBe(0);
  expect(inotify.read()).toBeUndefined();
});

test('events have the watch, the changes and the name, in order', () => {
  const sub = join(folder, 'sub');
  mkdirSync(sub);
  const outer = inotify.add(folder, ['CREATE', 'DELETE']);
  const inner = inotify.add(sub, ['CREATE', 'CLOSE_WRITE']);
  expect(inner).not.toBe(outer);
  writeFileSync(join(sub, 'a'), 'text');
  mkdirSync(join(folder, 'b'));
  rmSync(join(folder, 'b'), { recursive: true });
  const seen = readAll().map((event) => (event.overflow ? event : [event.watch, event.changes, event.name]));
  expect(seen).toEqual([
    [inner, ['CREATE'], 'a'],
    [inner, ['CLOSE_WRITE'], 'a'],
    [outer, ['CREATE', 'ISDIR'], 'b'],
    [outer, ['DELETE', 'ISDIR'], 'b'],
  ]);
});

test('the two events of a rename have the same cookie', () => {
  writeFileSync(join(folder, 'old'), '');
  inotify.add(folder, ['MOVED_FROM', 'MOVED_TO']);
  renameSync(join(folder, 'old'), join(folder, 'new'));
  const [from, to] = readAll();
  expect(from).toMatchObject({ changes: ['MOVED_FROM'], name: 'old', cookie: expect.any(Number) });
  expect(to).toEqual({ ...from, changes: ['MOVED_TO'], name: 'new', nameBytes: Buffer.from('new') });
  expect(from).not.toMatchObject({ cookie: 0 });
});

test('an event of the watched file itself has no name', () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  const watch = inotify.add(path, ['ATTRIB', 'MODIFY', 'DELETE_SELF']);
  writeFileSync(path, 'text');
  rmSync(path);
  const events = readAll();
  expect(events).toContainEqual({
    overflow: false,
    watch,
    changes: ['MODIFY'],
    cookie: 0,
    name: undefined,
    nameBytes: undefined,
  });
  expect(events.at(-1)).toMatchObject({ watch, changes: ['IGNORED'] });
  expect(inotify.remove(watch)).toBe(false);
});

test('a name that is not UTF-8 is returned as bytes, and a path of bytes can be watched', () => {
  const strange = Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0x61)]);
  inotify.add(folder, ['CREATE']);
  mkdirSync(strange);
  expect(readAll()).toMatchObject([{ name: '\ufffda', nameBytes: Buffer.of(0xff, 0x61) }]);
  inotify.add(strange, ['DELETE_SELF', 'ONLYDIR']);
  rmSync(strange, { recursive: true });
  expect(readAll()).toContainEqual(expect.objectContaining({ changes: ['DELETE_SELF'] }));
});

test('more events than fit into one read are all read', () => {
  inotify.add(folder, ['CREATE']);
  const names = Array.from({ length: 300 }, (_, i) => `${'long-'.repeat(40)}${i}`);
  for (const name of names) {
    writeFileSync(join(folder, name), '');
  }
  expect(readAll().map((event) => !event.overflow && event.name)).toEqual(names);
});

test('events beyond the length of the queue are lost, and an overflow reports that', () => {
  const queueLength = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  const path = join(folder, 'file');
  writeFileSync(path, '');
  // Opens and closes in turn: the kernel does not queue an event that equals the last one.
  inotify.add(path, ['OPEN', 'CLOSE_NOWRITE']);
  for (let events = 0; events <= queueLength; events += 2) {
    closeSync(openSync(path, 'r'));
  }
  const events = readAll();
  expect(events).toHaveLength(queueLength + 1);
  expect(events.at(-1)).toEqual({ overflow: true });
});

describe('remove()', () => {
  test('ends a watch with IGNORED, after the earlier events', () => {
    const watch = inotify.add(folder, ['CREATE']);
    writeFileSync(join(folder, 'a'), '');
    expect(inotify.remove(watch)).toBe(true);
    writeFileSync(join(folder, 'b'), '');
    expect(readAll()).toMatchObject([
      { watch, name: 'a' },
      { watch, changes: ['IGNORED'] },
    ]);
    expect(inotify.remove(watch)).toBe(false);
  });

  test.each([
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
  ])('of %s is refused with %s', (watch, code) => {
    expect(raises(() => inotify.remove(watch as number)).code).toBe(code);
  });
});

describe('add()', () => {
  test('of a watched file replaces the interest, adds to it, or is refused', () => {
    const watch = inotify.add(folder, ['CREATE']);
    expect(inotify.add(`${folder}/.`, ['DELETE'])).toBe(watch);
    writeFileSync(join(folder, 'a'), '');
    expect(inotify.read()).toBeUndefined();
    expect(inotify.add(folder, ['CREATE', 'MASK_ADD'])).toBe(watch);
    rmSync(join(folder, 'a'));
    expect(readAll()).toMatchObject([{ changes: ['DELETE'] }]);
    expect(raises(() => inotify.add(folder, ['CREATE', 'MASK_CREATE'])).code).toBe('EEXIST');
  });

  test('with ONESHOT reports once', () => {
    inotify.add(folder, ['CREATE', 'ONESHOT']);
    writeFileSync(join(folder, 'a'), '');
    writeFileSync(join(folder, 'b'), '');
    expect(readAll()).toMatchObject([{ name: 'a' }, { changes: ['IGNORED'] }]);
  });

  test('an error of the kernel names the path', () => {
    const path = join(folder, 'none');
    expect(raises(() => inotify.add(path, ['CREATE']))).toMatchObject({
      message: `ENOENT: no such file or directory, inotify_add_watch '${path}'`,
      code: 'ENOENT',
      syscall: 'inotify_add_watch',
      fd: inotify.fd,
      path,
    });
    for (const length of [4096, 1_000_000]) {
      expect(raises(() => inotify.add('x'.repeat(length), ['CREATE'])).code).toBe('ENAMETOOLONG');
    }
    expect(raises(() => inotify.add(import.meta.filename, ['CREATE', 'ONLYDIR'])).code).toBe('ENOTDIR');
    expect(raises(() => inotify.add(folder, [])).code).toBe('EINVAL');
  });

  test.each<[string, unknown, unknown, string]>([
    ['a number for a path', 5, ['CREATE'], 'ERR_INVALID_ARG_TYPE'],
    ['a path with a NUL', '/tmp\0/x', ['CREATE'], 'ERR_OUT_OF_RANGE'],
    ['bytes with a NUL', Buffer.from('/tmp\0/x'), ['CREATE'], 'ERR_OUT_OF_RANGE'],
    ['a name for the interest', '/', 'CREATE', 'ERR_INVALID_ARG_TYPE'],
    ['a number for the interest', '/', 256, 'ERR_INVALID_ARG_TYPE'],
    ['an unknown name', '/', ['CREATE', 'IN_CREATE'], 'ERR_OUT_OF_RANGE'],
    ['a name that is only reported', '/', ['IGNORED'], 'ERR_OUT_OF_RANGE'],
    ['a name of Object.prototype', '/', ['toString'], 'ERR_OUT_OF_RANGE'],
    ['names in an array', '/', [['CREATE']], 'ERR_OUT_OF_RANGE'],
  ])('refuses %s', (_, path, interest, code) => {
    expect(raises(() => inotify.add(path as string, interest as InotifyInterest[])).code).toBe(code);
  });
});

test('the fd of an Inotify is close-on-exec', () => {
  expect(readFileSync(`/proc/self/fdinfo/${inotify.fd}`, 'utf8')).toMatch(/^flags:\t02004000$/m);
});

test('every method of a closed Inotify throws ERR_EM_CLOSED', () => {
  inotify.close();
  expect(raises(() => inotify.add('/', ['CREATE'])).code).toBe('ERR_EM_CLOSED');
  expect(raises(() => inotify.remove(1)).code).toBe('ERR_EM_CLOSED');
  expect(raises(() => inotify.read()).code).toBe('ERR_EM_CLOSED');
});
