import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, EventFd, read, write } from '../../src/index.js';
import { testIf } from '../support/named-skip.js';
import { raises } from '../support/raises.js';
import { LACK_OF_LENGTH, sparse } from '../support/sparse.js';

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-io-'));
  path = join(folder, 'file');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('write() and read() move only the given part of the buffer', () => {
  const fd = openSync(path, 'w+');
  expect(write(fd, Buffer.from('--hello--'), 2, 5)).toBe(5);
  const reader = openSync(path, 'r');
  const into = Buffer.alloc(9, '.');
  expect(read(reader, into, 1, 3)).toBe(3);
  expect(read(reader, into, 5)).toBe(2);
  expect(read(reader, into)).toBe(0);
  expect(into.toString()).toBe('.hel.lo..');
  close(reader);
  close(fd);
});

test('read() and write() with a position leave the position of the file as it is', () => {
  const fd = openSync(path, 'w+');
  expect(write(fd, Buffer.from('hello world'))).toBe(11);
  expect(write(fd, Buffer.from('-WORLD-'), 1, 5, 6)).toBe(5);
  expect(write(fd, Buffer.from('!'))).toBe(1);
  const into = Buffer.alloc(5);
  expect([read(fd, into, 0, 5, 6), into.toString()]).toEqual([5, 'WORLD']);
  expect([read(fd, into, 0, 5, 0), into.toString()]).toEqual([5, 'hello']);
  expect(read(fd, into)).toBe(0);
  expect(read(fd, into, 0, 5, 2 ** 53 - 1)).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('hello WORLD!');
  close(fd);
});

test('a position is refused for a file that has none', () => {
  using eventFd = new EventFd(1);
  const { fd } = eventFd;
  expect(raises(() => read(fd, new Uint8Array(8), 0, 8, 0))).toMatchObject({ code: 'ESPIPE', syscall: 'pread', fd });
  expect(raises(() => write(fd, new Uint8Array(8), 0, 8, 0))).toMatchObject({ code: 'ESPIPE', syscall: 'pwrite', fd });
});

testIf(LACK_OF_LENGTH, 'the part may lie beyond 4 GiB', () => {
  using eventFd = new EventFd(7);
  const bytes = sparse(2 ** 32 + 16);
  expect(read(eventFd.fd, bytes, 2 ** 32 + 8)).toBe(8);
  expect(new DataView(bytes.buffer).getBigUint64(2 ** 32 + 8, true)).toBe(7n);
  expect(raises(() => read(eventFd.fd, bytes, 2 ** 32 + 17))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
});

test('read() and write() return undefined if they would block', () => {
  using eventFd = new EventFd();
  expect(read(eventFd.fd, new Uint8Array(8))).toBeUndefined();
});

test('an error of the kernel has code, errno, syscall and fd', () => {
  using eventFd = new EventFd(1);
  expect(raises(() => read(eventFd.fd, new Uint8Array(4)))).toMatchObject({
    message: 'EINVAL: invalid argument, read',
    code: 'EINVAL',
    errno: -22,
    syscall: 'read',
    fd: eventFd.fd,
  });
  const readOnly = openSync('/etc/hostname', 'r');
  expect(raises(() => write(readOnly, new Uint8Array(1))).code).toBe('EBADF');
  closeSync(readOnly);
  expect(raises(() => close(readOnly))).toMatchObject({ code: 'EBADF', syscall: 'close', fd: readOnly });
});

const bytes = new Uint8Array(8);
const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

test.each<[string, unknown[], string]>([
  ['a string fd', ['1', bytes], 'ERR_INVALID_ARG_TYPE'],
  ['a negative fd', [-1, bytes], 'ERR_OUT_OF_RANGE'],
  ['a fractional fd', [1.5, bytes], 'ERR_OUT_OF_RANGE'],
  ['an fd of 2³¹', [2 ** 31, bytes], 'ERR_OUT_OF_RANGE'],
  ['no buffer', [0], 'ERR_INVALID_ARG_TYPE'],
  ['an ArrayBuffer', [0, bytes.buffer], 'ERR_INVALID_ARG_TYPE'],
  ['a buffer of other elements', [0, new Uint16Array(4)], 'ERR_INVALID_ARG_TYPE'],
  ['an offset past the end', [0, bytes, 9], 'ERR_OUT_OF_RANGE'],
  ['a negative offset', [0, bytes, -1], 'ERR_OUT_OF_RANGE'],
  ['a length past the end', [0, bytes, 4, 5], 'ERR_OUT_OF_RANGE'],
  ['an offset in a detached buffer', [0, detached, 1], 'ERR_OUT_OF_RANGE'],
  ['a length that is no number', [0, bytes, 0, '8'], 'ERR_INVALID_ARG_TYPE'],
])('%s is refused before the system call', (_, args, code) => {
  expect(raises(() => Reflect.apply(read, undefined, args)).code).toBe(code);
  expect(raises(() => Reflect.apply(write, undefined, args)).code).toBe(code);
});
