import { constants, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { close, EventSet, Ioctl, ioctl, open, write } from '../../src/index.js';
import { waitFor } from '../support/file-makers.js';
import { expectNoFilesLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const { O_NOCTTY, O_RDWR } = constants;
/** asm-generic/ioctls.h. */
const TCGETS = 0x5401;
const TCFLSH = 0x540b;
const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;
const FIONREAD = 0x541b;
const TIOCSPTLCK = Ioctl.write('T', 0x31, 4);
const TIOCGPTN = Ioctl.read('T', 0x30, 4);
const TIOCGPTPEER = Ioctl.none('T', 0x41);
/** linux/sockios.h. */
const SIOCGIFCONF = 0x8912;

const opened: number[] = [];

expectNoFilesLeftOpen();

afterEach(() => {
  for (const fd of opened.splice(0)) {
    close(fd);
  }
});

function openPty(): { master: number; slave: number } {
  const master = open('/dev/ptmx', O_RDWR | O_NOCTTY);
  ioctl(master, TIOCSPTLCK, new Uint8Array(4));
  const slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
  opened.push(master, slave);
  return { master, slave };
}

function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe('Ioctl', () => {
  test.each([
    ['none', Ioctl.none('T', 0x41), 0x5441],
    ['read', Ioctl.read('T', 0x30, 4), 0x8004_5430],
    ['write', Ioctl.write(0x54, 0x31, 4), 0x4004_5431],
    ['readWrite', Ioctl.readWrite(0xb4, 7, 592), 0xc250_b407],
    ['the largest', Ioctl.readWrite(255, 255, 16_383), 0xffff_ffff],
  ])('makes the number of a request: %s', (_, request, expected) => {
    expect(request).toBe(expected);
  });
});

describe('ioctl()', () => {
  test('fills the argument', () => {
    const { master, slave } = openPty();
    const number = new Uint32Array(1);
    expect(ioctl(master, TIOCGPTN, new Uint8Array(number.buffer))).toBe(0);
    expect(readlinkSync(`/proc/self/fd/${slave}`)).toBe(`/dev/pts/${number[0]}`);
  });

  test('passes the argument, as the other end of a pty sees it', () => {
    const { master, slave } = openPty();
    ioctl(master, TIOCSWINSZ, new Uint8Array(Uint16Array.of(50, 132, 0, 0).buffer));
    const size = new Uint16Array(4);
    ioctl(slave, TIOCGWINSZ, new Uint8Array(size.buffer));
    expect([...size]).toEqual([50, 132, 0, 0]);
  });

  test('passes an integer', () => {
    const { master, slave } = openPty();
    const TCIFLUSH = 0;
    const waiting = new Uint32Array(1);
    const bytes = new Uint8Array(waiting.buffer);
    write(master, Buffer.from('hello\n'));
    waitFor({ fd: slave }, EventSet.IN);
    ioctl(slave, FIONREAD, bytes);
    expect([...waiting]).toEqual([6]);
    ioctl(slave, TCFLSH, TCIFLUSH);
    ioctl(slave, FIONREAD, bytes);
    expect([...waiting]).toEqual([0]);
  });

  test('changes nothing around the argument, and nothing behind the bytes that the kernel writes', () => {
    const { slave } = openPty();
    const memory = new Uint8Array(64).fill(0xee);
    ioctl(slave, TIOCGWINSZ, memory.subarray(16, 32));
    expect([...memory.subarray(0, 16), ...memory.subarray(24)]).toEqual(Array(56).fill(0xee));
    expect([...memory.subarray(16, 24)]).toEqual(Array(8).fill(0));
  });

  test.each([
    ['TCGETS', TCGETS, 36],
    ['TIOCGWINSZ', TIOCGWINSZ, 8],
    ['FIONREAD', FIONREAD, 4],
    ['TIOCGPTN', TIOCGPTN, 4],
    ['TUNSETIFF, whose number says 4', Ioctl.write('T', 202, 4), 40],
    ['SIOCGIFINDEX', 0x8933, 40],
    ['an unknown request', 0x1234, 1],
    ['an unknown request with a size', Ioctl.readWrite(0xee, 0xee, 16_383), 16_383],
  ])('refuses an argument that is too short: %s', (_, request, bytes) => {
    const { slave } = openPty();
    expect(raises(() => ioctl(slave, request, new Uint8Array(bytes - 1)))).toMatchObject({
      code: 'ERR_OUT_OF_RANGE',
      message: `"argument" must be at least ${bytes} bytes long for this request. Received ${bytes - 1}`,
    });
    expect(codeOf(() => ioctl(slave, request, new Uint8Array(bytes)))).not.toBe('ERR_OUT_OF_RANGE');
  });

  test.each([
    ['SIOCGIFCONF', SIOCGIFCONF],
    ['SG_IO', 0x2285],
    ['SPI_IOC_MESSAGE', Ioctl.write('k', 0, 40)],
    ['SIOCDEVPRIVATE', 0x89f3],
    ['DRM', Ioctl.readWrite('d', 0, 64)],
    ['userfaultfd', Ioctl.readWrite(0xaa, 3, 40)],
  ])('refuses a request whose argument holds an address: %s', (name, request) => {
    const { slave } = openPty();
    for (const argument of [new Uint8Array(512), 0]) {
      const { code, message } = raises(() => ioctl(slave, request, argument));
      expect([code, message]).toEqual(['ERR_OUT_OF_RANGE', expect.stringContaining(name)]);
    }
  });

  test('refuses an integer that could be an address', () => {
    const { slave } = openPty();
    expect(raises(() => ioctl(slave, TIOCGWINSZ, 0x40_0000)).code).toBe('ERR_OUT_OF_RANGE');
    expect(raises(() => ioctl(slave, TIOCGWINSZ, 0x1_0000)).code).toBe('ERR_OUT_OF_RANGE');
    for (const harmless of [0, 1, 0xffff, -1, -0x8000_0000]) {
      expect(raises(() => ioctl(slave, TIOCGWINSZ, harmless))).toMatchObject({ code: 'EFAULT', syscall: 'ioctl' });
    }
  });

  test('accepts a large integer for a request that takes one', () => {
    const { slave } = openPty();
    const TUNSETOWNER = Ioctl.write('T', 204, 4);
    expect(raises(() => ioctl(slave, TUNSETOWNER, 0xffff_fffe)).code).toBe('ENOTTY');
  });

  test('throws the error of the kernel', () => {
    const fd = open('/dev/null');
    opened.push(fd);
    expect(raises(() => ioctl(fd, TIOCGWINSZ, new Uint8Array(8)))).toMatchObject({
      message: 'ENOTTY: inappropriate ioctl for device, ioctl',
      code: 'ENOTTY',
      syscall: 'ioctl',
      fd,
    });
  });
});
