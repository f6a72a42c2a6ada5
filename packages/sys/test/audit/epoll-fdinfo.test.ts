import { describe, expect, test } from 'vitest';
import { parseEpollFdinfo } from '../../src/audit/epoll-fdinfo.js';

const HEAD = 'pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t1038\n';

describe('parseEpollFdinfo() reads', () => {
  test('each entry: number, events, generation, inode and device', () => {
    const text = `${HEAD}tfd:        4 events:       19 data:        500000004  pos:0 ino:390e00 sdev:f
tfd:       17 events: 80000019 data: ffffffff00000011  pos:0 ino:40e sdev:10
tfd:        5 events: 40000000 data:                5  pos:42 ino:1 sdev:0
`;
    expect(parseEpollFdinfo(text)).toEqual([
      { fd: 4, events: 0x19, generation: 5, inode: 0x39_0e00, device: 15 },
      { fd: 17, events: 0x8000_0019, generation: 0xffff_ffff, inode: 0x40e, device: 16 },
      { fd: 5, events: 0x4000_0000, generation: 0, inode: 1, device: 0 },
    ]);
  });

  test.each<[what: string, line: string, expected: object]>([
    [
      'a line of before Linux 4.13',
      'tfd:        4 events:       19 data:        500000004',
      { generation: 5, inode: undefined, device: undefined },
    ],
    [
      'a line with something new behind it',
      'tfd: 4 events: 19 data: 500000004  pos:0 ino:3 sdev:f napi:0',
      { inode: 3, device: 15 },
    ],
    [
      'something new where inode and device stood',
      'tfd: 4 events: 19 data: 500000004  napi:0',
      { generation: 5, inode: undefined },
    ],
    [
      'numbers without padding',
      'tfd:4 events:19 data:500000004  pos:0 ino:3 sdev:f',
      { fd: 4, events: 0x19, generation: 5 },
    ],
    ['a position before 0', 'tfd: 4 events: 19 data: 4  pos:-1 ino:3 sdev:f', { inode: 3 }],
    [
      'the highest number',
      'tfd: 2147483647 events: ffffffff data: ffffffffffffffff',
      { fd: 2 ** 31 - 1, events: 2 ** 32 - 1, generation: 2 ** 32 - 1 },
    ],
    [
      'a device of a high major and minor',
      'tfd: 4 events: 19 data: 4  pos:0 ino:3 sdev:10300105',
      { device: (0x103 << 8) | 0x05 | (0x1 << 20) },
    ],
  ])('%s', (_what, line, expected) => {
    expect(parseEpollFdinfo(`${HEAD}${line}\n`)).toEqual([expect.objectContaining(expected)]);
  });

  test.each([
    ['nothing is watched', HEAD],
    ['lines that it does not know', 'inotify wd:1 ino:2\nsigmask: 0\n\n'],
    ['nothing at all', '\n'],
  ])('no entry: %s', (_what, text) => {
    expect(parseEpollFdinfo(text)).toEqual([]);
  });
});

describe('parseEpollFdinfo() refuses', () => {
  const whole = `${HEAD}tfd:        4 events:       19 data:        500000004  pos:0 ino:390e00 sdev:f\n`;

  test('a text that is cut off, at any place', () => {
    for (let length = 1; length < whole.length; length++) {
      const cut = whole.slice(0, length);
      expect(parseEpollFdinfo(cut), cut).toEqual(cut.endsWith('\n') ? [] : undefined);
    }
  });

  test.each([
    ['no number', 'tfd'],
    ['another number', 'tfd: x events: 19 data: 4'],
    ['a negative number', 'tfd: -4 events: 19 data: 4'],
    ['a fraction', 'tfd: 4.5 events: 19 data: 4'],
    ['a number that is too long', 'tfd: 12345678901 events: 19 data: 4'],
    ['events that are too long', 'tfd: 4 events: 119000000 data: 4'],
    ['data that are too long', 'tfd: 4 events: 19 data: 12345678901234567'],
    ['a prefix', 'tfd: 4 events: 0x19 data: 4'],
    ['no data', 'tfd: 4 events: 19'],
    ['another order', 'tfd: 4 data: 4 events: 19'],
    ['another separator', 'tfd\t4 events: 19 data: 4'],
    ['two in one line', 'tfd: 4 events: 19 data: 4tfd: 5 events: 19 data: 5'],
  ])('an entry with %s', (_what, line) => {
    expect(parseEpollFdinfo(`${whole}${line}\n${whole}`)).toBeUndefined();
  });
});
