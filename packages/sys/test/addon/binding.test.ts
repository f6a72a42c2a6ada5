import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { binding } from '../../src/addon/binding.js';
import { testIf } from '../support/named-skip.js';
import { expectOpened, openFiles } from '../support/open-files.js';
import { LACK_OF_LENGTH, sparse } from '../support/sparse.js';

const { EAGAIN, EINVAL } = constants.errno;
/** `<fcntl.h>`; node:fs does not know it. */
const O_CLOEXEC = 0o2000000;

// native-calls tests what each function refuses. These tests need more than one wrong argument, or a wrong size.
describe('a native function', () => {
  test('returns -EINVAL for a part beyond the buffer, and writes nothing', () => {
    const fd = binding().eventfd(1, 0);
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

  test('returns -EINVAL for an array without room for two fds, and opens none', async () => {
    const { AF_UNIX, SOCK_STREAM } = binding().socketConstants;
    const before = openFiles();
    expect(binding().pipe2(new Uint32Array(1))).toBe(-EINVAL);
    expect(binding().socketpair(AF_UNIX, SOCK_STREAM, 0, new Uint32Array(1))).toBe(-EINVAL);
    await expectOpened(before);
  });

  testIf(LACK_OF_LENGTH, 'refuses an address that is too long, even if its length modulo 2³² is not', () => {
    const { AF_UNIX, SOCK_DGRAM } = binding().socketConstants;
    const fd = binding().socket(AF_UNIX, SOCK_DGRAM, 0);
    const address = sparse(2 ** 32 + 2);
    address[0] = AF_UNIX;
    expect(binding().bind(fd, address)).toBe(-EINVAL);
    expect(binding().bind(fd, address.subarray(0, 2))).toBe(0);
    binding().close(fd);
  });

  test.each(['127.0.0.1\0', '127.0.0.1\0.1', '', '1'.repeat(45), '0000:0000:0000:0000:0000:ffff:255.255.255.255…'])(
    'inetPton() returns 0 for %j, which is no address',
    (text) => {
      const { AF_INET, AF_INET6 } = binding().socketConstants;
      expect(binding().inetPton(AF_INET, text, new Uint8Array(4))).toBe(0);
      expect(binding().inetPton(AF_INET6, text, new Uint8Array(16))).toBe(0);
    },
  );

  test('returns -EINVAL for a batch without room for one entry', () => {
    const epollFd = binding().epollCreate();
    expect(binding().epollWait(epollFd, new ArrayBuffer(8), 0)).toBe(-EINVAL);
    binding().close(epollFd);
  });
});

describe('a native function that makes two fds', () => {
  const { AF_UNIX, SOCK_STREAM } = binding().socketConstants;

  test.each([
    ['pipe2', (ends: Uint32Array) => binding().pipe2(ends)],
    ['socketpair', (ends: Uint32Array) => binding().socketpair(AF_UNIX, SOCK_STREAM, 0, ends)],
  ])(
    '%s() returns two fds, close-on-exec and non-blocking, and the first reads what the second wrote',
    (_name, create) => {
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
    },
  );
});
