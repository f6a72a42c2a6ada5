import { EventFd, Ioctl, ioctl } from '@em/sys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pty } from '../../src/pty.js';
import { type SerialOptions, SerialPort } from '../../src/serial.js';
import { Termios } from '../../src/termios.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';
import { waitFor } from '../support/wait-for.js';

// One end of a pty takes the place of the device. It has speeds and flow control, but no modem lines and no parity.
let pty: Pty;

expectNoDeviceLeftOpen();

beforeEach(() => {
  pty = Pty.open();
});

afterEach(() => {
  pty.close();
});

function openPort(options: Partial<SerialOptions> = {}): SerialPort {
  return SerialPort.open(pty.slavePath, { baudRate: 115_200, ...options });
}

test('every byte passes in both directions as it is', () => {
  using port = openPort();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const into = Buffer.alloc(256);
  for (const [from, to] of [
    [pty, port],
    [port, pty],
  ] as const) {
    expect(from.write(bytes)).toBe(256);
    for (let length = 0; length < 256; ) {
      length += waitFor(to, () => to.read(into, length));
    }
    expect(into).toEqual(bytes);
  }
});

test.each([1, 300, 9600, 12_345, 115_200, 4_000_000])('a speed of %d is set', (baudRate) => {
  using port = openPort({ baudRate });
  expect(port.baudRate).toBe(baudRate);
  port.setBaudRate(2 * baudRate);
  expect(port.baudRate).toBe(2 * baudRate);
});

test.each([
  ['none', 0, 0],
  ['hardware', 0, Termios.constants.CRTSCTS],
  ['software', Termios.constants.IXON | Termios.constants.IXOFF, 0],
] as const)('flow control is set to %s', (flowControl, input, control) => {
  const { IXON, IXOFF, CRTSCTS } = Termios.constants;
  using port = openPort({ flowControl });
  const { c_iflag, c_cflag } = Termios.get(port.fd);
  expect([c_iflag & (IXON | IXOFF), (c_cflag & CRTSCTS) >>> 0]).toEqual([input, control]);
});

test('two stop bits are set', () => {
  using port = openPort({ stopBits: 2 });
  expect(Termios.get(port.fd).c_cflag & Termios.constants.CSTOPB).not.toBe(0);
});

test.each([
  [{ dataBits: 7 }, 'this number of data bits'],
  [{ parity: 'even' }, 'this parity'],
] as const)('%j is refused if the driver ignores it', (options, ignored) => {
  const message = `Cannot set up ${pty.slavePath}: the driver does not support ${ignored}`;
  expect(raises(() => openPort(options))).toMatchObject({ message, code: 'EINVAL', path: pty.slavePath });
});

test('a read would block until bytes arrive, and returns 0 once the device is gone', () => {
  using port = openPort();
  expect(port.read(Buffer.alloc(1))).toBeUndefined();
  pty.close();
  expect(port.read(Buffer.alloc(1))).toBe(0);
  expect(raises(() => port.write(Buffer.alloc(1)))).toMatchObject({ code: 'EIO', path: port.path });
});

test.each([true, false])('a port is opened with exclusive: %s', (exclusive) => {
  using port = openPort({ exclusive });
  expect(isExclusive(port)).toBe(exclusive);
});

test('flush() discards what was not read', () => {
  using port = openPort();
  pty.write(Buffer.from('stale'));
  waitFor(port, () => (port.read(Buffer.alloc(1)) === undefined ? undefined : true));
  port.flush('input');
  expect(port.read(Buffer.alloc(8))).toBeUndefined();
});

test('drain() is fulfilled when nothing is left to send', async () => {
  using port = openPort();
  port.write(Buffer.from('x'));
  await port.drain();
  expect(port.unsentBytes).toBe(0);
});

test('a break can be sent', () => {
  using port = openPort();
  port.setBreak(true);
  port.setBreak(false);
});

test('a pty has no modem lines', () => {
  using port = openPort();
  expect(raises(() => port.modemLines)).toMatchObject({ code: 'ENOTTY', path: pty.slavePath });
  expect(raises(() => port.setModemLines({ dtr: true })).code).toBe('ENOTTY');
  port.setModemLines({});
});

test('adopt() takes over a terminal with its settings, and no other file', () => {
  const opened = openPort({ baudRate: 1234 });
  using port = SerialPort.adopt(opened.detach());
  expect(port.baudRate).toBe(1234);
  using eventFd = new EventFd();
  expect(raises(() => SerialPort.adopt(eventFd.fd)).code).toBe('ERR_EM_WRONG_KIND');
});

describe('open() refuses', () => {
  test.each<[string, unknown, string]>([
    ['no options', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['no speed', {}, 'ERR_INVALID_ARG_TYPE'],
    ['a speed of 0', { baudRate: 0 }, 'ERR_OUT_OF_RANGE'],
    ['half a bit', { baudRate: 9600.5 }, 'ERR_OUT_OF_RANGE'],
    ['9 data bits', { baudRate: 9600, dataBits: 9 }, 'ERR_OUT_OF_RANGE'],
    ['half a stop bit', { baudRate: 9600, stopBits: 1.5 }, 'ERR_OUT_OF_RANGE'],
    ['another parity', { baudRate: 9600, parity: 'both' }, 'ERR_OUT_OF_RANGE'],
    ['another flow control', { baudRate: 9600, flowControl: 'rts' }, 'ERR_OUT_OF_RANGE'],
    ['text for a boolean', { baudRate: 9600, exclusive: 'yes' }, 'ERR_INVALID_ARG_TYPE'],
    ['an unknown option', { baudRate: 9600, baud: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ])('%s', (_, options, code) => {
    expect(raises(() => SerialPort.open(pty.slavePath, options as never)).code).toBe(code);
  });

  test('a file that is no terminal, and names it', () => {
    expect(raises(() => SerialPort.open('/dev/zero', { baudRate: 9600 }))).toMatchObject({
      code: 'ENOTTY',
      path: '/dev/zero',
      message: expect.stringMatching(/^Cannot read the settings of \/dev\/zero: ENOTTY/),
    });
  });

  test('a path that does not exist', () => {
    expect(raises(() => SerialPort.open('/dev/ttyNONE', { baudRate: 9600 })).code).toBe('ENOENT');
  });
});

/** Asks the kernel (TIOCGEXCL). */
function isExclusive({ fd }: SerialPort): boolean {
  const word = new Uint8Array(4);
  ioctl(fd, Ioctl.read('T', 0x40, 4), word);
  return word[0] === 1;
}
