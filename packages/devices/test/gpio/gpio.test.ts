import { closeSync, openSync } from 'node:fs';
import { EventFd, Pipe } from '@em/sys';
import { expect, test } from 'vitest';
import { OpenDevice } from '../../src/device/open-device.js';
import { requestBytes } from '../../src/gpio/request.js';
import { LINE_EVENT, LINE_REQUEST } from '../../src/gpio/structs.js';
import { GpioChip, GpioLines, listGpioChips } from '../../src/gpio.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

expectNoDeviceLeftOpen();

test('a chip cannot be opened by a path that is missing, or that is another device', () => {
  const path = '/dev/no-gpiochip';
  expect(raises(() => GpioChip.open(path))).toMatchObject({ code: 'ENOENT', path });
  expect(raises(() => GpioChip.open('/dev/null'))).toMatchObject({ code: 'ENOTTY', path: '/dev/null' });
});

test('the list has the chips of this machine, or is empty', () => {
  for (const { path, lineCount } of listGpioChips()) {
    expect(path).toMatch(/^\/dev\/gpiochip\d+$/);
    expect(lineCount).toBeGreaterThan(0);
  }
});

test('adopt() refuses an fd that stands for something else, and leaves it open', () => {
  using eventFd = new EventFd();
  const { fd } = eventFd;
  const its = `Cannot adopt fd ${fd}: it is anon_inode:[eventfd], not`;
  const code = 'ERR_EM_WRONG_KIND';
  expect(raises(() => GpioChip.adopt(fd))).toMatchObject({ code, message: `${its} a GPIO chip` });
  expect(raises(() => GpioLines.adopt(fd, [0]))).toMatchObject({ code, message: `${its} lines of a GPIO chip` });
  const zeros = openSync('/dev/null', 'r');
  expect(raises(() => GpioChip.adopt(zeros)).code).toBe(code);
  closeSync(zeros);
  expect(eventFd.closed).toBe(false);
});

test.each<[string, unknown]>([
  ['no lines', []],
  ['more than 64 lines', Array.from({ length: 65 }, (_, offset) => offset)],
  ['a negative offset', [-1]],
  ['offsets that are no array', 1],
])('adopt() refuses %s', (_, offsets) => {
  using eventFd = new EventFd();
  expect(raises(() => GpioLines.adopt(eventFd.fd, offsets as never)).code).toMatch(
    /^ERR_(OUT_OF_RANGE|INVALID_ARG_TYPE)$/,
  );
});

test.each<[string, unknown, string]>([
  ['no direction', {}, 'ERR_OUT_OF_RANGE'],
  ['another direction', { direction: 'both' }, 'ERR_OUT_OF_RANGE'],
  ['other edges', { direction: 'input', edges: 'all' }, 'ERR_OUT_OF_RANGE'],
  ['another bias', { direction: 'input', bias: 'up' }, 'ERR_OUT_OF_RANGE'],
  ['another drive', { direction: 'output', drive: 'open' }, 'ERR_OUT_OF_RANGE'],
  ['edges of an output', { direction: 'output', edges: 'both' }, 'ERR_OUT_OF_RANGE'],
  ['to debounce an output', { direction: 'output', debounceMicroseconds: 1 }, 'ERR_OUT_OF_RANGE'],
  ['values of an input', { direction: 'input', values: [true] }, 'ERR_OUT_OF_RANGE'],
  ['a drive of an input', { direction: 'input', drive: 'open-drain' }, 'ERR_OUT_OF_RANGE'],
  ['too many values', { direction: 'output', values: [true, true, true] }, 'ERR_OUT_OF_RANGE'],
  ['values that are no array', { direction: 'output', values: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['a value that is a number', { direction: 'output', values: [1] }, 'ERR_INVALID_ARG_TYPE'],
  ['a negative time', { direction: 'input', debounceMicroseconds: -1 }, 'ERR_OUT_OF_RANGE'],
  ['activeLow as a number', { direction: 'input', activeLow: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ['no name', { direction: 'input', consumer: '' }, 'ERR_OUT_OF_RANGE'],
  ['a name that is too long', { direction: 'input', consumer: 'é'.repeat(16) }, 'ERR_OUT_OF_RANGE'],
  ['a name that is no text', { direction: 'input', consumer: 7 }, 'ERR_INVALID_ARG_TYPE'],
  ['an unknown option', { direction: 'input', pull: 'up' }, 'ERR_INVALID_ARG_TYPE'],
])('a request refuses %s', (_, options, code) => {
  expect(raises(() => requestBytes([3, 5], options as never)).code).toBe(code);
});

test('a request has the bits of linux/gpio.h', () => {
  const input = LINE_REQUEST.decode(
    requestBytes([3, 5], {
      direction: 'input',
      edges: 'both',
      bias: 'pull-up',
      activeLow: true,
      debounceMicroseconds: 9,
    }),
  );
  expect(input).toMatchObject({ num_lines: 2, consumer: 'event-manager' });
  expect(input.offsets.slice(0, 3)).toEqual([3, 5, 0]);
  expect(input.config).toMatchObject({ flags: 0b1_0011_0110n, num_attrs: 1 });
  expect(input.config.attrs[0]).toEqual({ attr: { id: 3, values: 9n }, mask: 0b11n });

  const output = LINE_REQUEST.decode(
    requestBytes([3, 5], { direction: 'output', drive: 'open-drain', values: [false, true], consumer: 'lamp' }),
  );
  expect(output).toMatchObject({ consumer: 'lamp', config: { flags: 0b100_1000n, num_attrs: 1 } });
  expect(output.config.attrs[0]).toEqual({ attr: { id: 2, values: 0b10n }, mask: 0b11n });
});

test.each<[string, number | undefined, readonly number[], readonly number[]]>([
  ['none is missing', 0, [1, 2, 3], [0, 0, 0]],
  ['the first ones are missing', 0, [45, 46], [44, 44]],
  ['some are missing in the middle', 0, [1, 4, 5, 7], [0, 2, 2, 3]],
  ['two were swapped', 0, [2, 1, 3], [1, 0, 0]],
  ['the counter of the kernel overflows', 0xffff_fffd, [0xffff_fffe, 0xffff_ffff, 0, 2], [0, 0, 0, 1]],
  ['another process has read the first ones', undefined, [17, 18, 20], [0, 0, 1]],
  ['another process has read the first ones, and two were swapped', undefined, [18, 17, 19], [0, 0, 0]],
])('lostEvents counts what is missing in the sequence if %s', (_, last, sequences, expected) => {
  const { reader, writer } = Pipe.open();
  using _writer = writer;
  using lines = Reflect.construct(GpioLines, [
    new OpenDevice(reader.detach(), '/dev/gpiochip0'),
    [0],
    last,
  ]) as GpioLines;
  const counts = sequences.map((seqno) => {
    const event = { timestamp_ns: 1n, id: 1, offset: 0, line_seqno: 1 };
    writer.write(LINE_EVENT.encode({ ...event, seqno }));
    expect(lines.read()).toMatchObject([{ sequence: seqno }]);
    return lines.lostEvents;
  });
  expect(counts).toEqual(expected);
});
