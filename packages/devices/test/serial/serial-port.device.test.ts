import { expect, test } from 'vitest';
import { listSerialPorts, SerialPort } from '../../src/serial.js';
import { Termios } from '../../src/termios.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

/** The UART that is the console of the kernel. */
const UART = '/dev/ttyS0';

expectNoDeviceLeftOpen();

test('a UART has parity, fewer data bits, and modem lines', () => {
  using port = SerialPort.open(UART, { baudRate: 57_600, dataBits: 7, parity: 'even', stopBits: 2 });
  const { CSIZE, CS7, PARENB, PARODD, CSTOPB } = Termios.constants;
  const { c_cflag } = Termios.get(port.fd);
  expect(c_cflag & (CSIZE | PARENB | PARODD | CSTOPB)).toBe(CS7 | PARENB | CSTOPB);
  expect(port.baudRate).toBe(57_600);
  port.setModemLines({ dtr: false, rts: true });
  expect(port.modemLines).toMatchObject({ dtr: false, rts: true });
  port.setModemLines({ dtr: true, rts: false });
  expect(port.modemLines).toMatchObject({ dtr: true, rts: false });
});

test('drain() waits until a UART has sent everything', async () => {
  using port = SerialPort.open(UART, { baudRate: 115_200 });
  const bytes = Buffer.alloc(200, '.');
  expect(port.write(bytes)).toBe(bytes.length);
  await port.drain();
  expect(port.unsentBytes).toBe(0);
});

test('a UART cannot have a speed far above that of its clock', () => {
  expect(raises(() => SerialPort.open(UART, { baudRate: 50_000_000 }))).toMatchObject({ code: 'EINVAL', path: UART });
});

test('ports with hardware are listed', () => {
  const paths = listSerialPorts().map(({ path }) => path);
  expect(paths).toContain(UART);
  expect(paths).not.toContain('/dev/ttyS30');
});
