import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { binding } from '../src/binding.js';

const { EAGAIN, EBADF, EINVAL } = constants.errno;
/** `<fcntl.h>`; node:fs does not know it. */
const O_CLOEXEC = 0o2000000;

describe('a native function called with what it does not take', () => {
  const hostile = [
    undefined,
    null,
    Number.NaN,
    -1,
    1.5,
    2 ** 31,
    2 ** 32 + 3,
    2 ** 53,
    Number.POSITIVE_INFINITY,
    '3',
    3n,
    {},
    [],
    Symbol('fd'),
    () => 3,
    new Uint8Array(0),
    new Uint8Array(8),
    new Uint32Array(0),
    new BigUint64Array(1),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Proxy({}, {}),
  ];
  const native: object = binding();
  const names = Object.keys(native).filter((name) => name !== 'socketConstants');

  test.each(names)('%s() answers with -errno in every position', (name) => {
    const call: (...args: unknown[]) => unknown = Reflect.get(native, name);
    const allowed = new Set<unknown>([-EINVAL, -EBADF]);
    if (name === 'closeAtEnd') {
      allowed.add(0); // an array of no fds
    }
    const positions = name === 'eventfd' || name === 'close' || name === 'accept' ? [0] : [0, 1, 2, 3];
    for (const position of positions) {
      for (const value of hostile) {
        const args: unknown[] = [-1, -1, -1, -1];
        args[position] = value;
        const result = call(...args);
        // Nothing is open under -1, so no call can succeed but those that take no fd.
        if (['epollCreate', 'eventfd', 'inotifyInit'].includes(name) && typeof result === 'number' && result >= 0) {
          binding().close(result);
        } else {
          expect(allowed, `${name}(${args.map(String)}) = ${String(result)}`).toContain(result);
        }
      }
    }
  });

  test('a part beyond the buffer is -EINVAL, and nothing is written', () => {
    const fd = binding().eventfd(1);
    const bytes = new Uint8Array(16).fill(7);
    for (const [offset, length] of [
      [9, 8],
      [16, 1],
      [17, 0],
      [0, 17],
      [2 ** 32 - 8, 16],
    ] as const) {
      expect(binding().read(fd, bytes, offset, length)).toBe(-EINVAL);
    }
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    expect(binding().read(fd, bytes, 8, 8)).toBe(8);
    binding().close(fd);
  });

  test('an array without room for two fds is -EINVAL, and none is made', () => {
    const { AF_UNIX, SOCK_STREAM } = binding().socketConstants;
    const before = readdirSync('/proc/self/fd');
    expect(binding().pipe2(new Uint32Array(1))).toBe(-EINVAL);
    expect(binding().socketpair(AF_UNIX, SOCK_STREAM, 0, new Uint32Array(1))).toBe(-EINVAL);
    expect(readdirSync('/proc/self/fd')).toEqual(before);
  });

  test('a batch without room for one entry is -EINVAL', () => {
    const epollFd = binding().epollCreate();
    expect(binding().epollWait(epollFd, new Uint32Array(2), 0)).toBe(-EINVAL);
    binding().close(epollFd);
  });
});

describe('a native function that makes two fds', () => {
  const { AF_UNIX, SOCK_STREAM } = binding().socketConstants;

  test.each([
    ['pipe2', (ends: Uint32Array) => binding().pipe2(ends)],
    ['socketpair', (ends: Uint32Array) => binding().socketpair(AF_UNIX, SOCK_STREAM, 0, ends)],
  ])('%s() fills them in, close-on-exec and non-blocking: the first reads what the second wrote', (_name, create) => {
    const ends = new Uint32Array(2);
    expect(create(ends)).toBe(0);
    const [reader, writer] = [...ends] as [number, number];
    const bytes = Uint8Array.of(7, 0);
    expect(binding().read(reader, bytes, 1, 1)).toBe(-EAGAIN);
    expect(binding().write(writer, bytes, 0, 1)).toBe(1);
    expect(binding().read(reader, bytes, 1, 1)).toBe(1);
    expect(bytes[1]).toBe(7);
    for (const fd of ends) {
      const flags = /^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
      expect(Number.parseInt(flags ?? '', 8) & O_CLOEXEC).toBe(O_CLOEXEC);
      binding().close(fd);
    }
  });
});
