import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { EventManager } from '@em/sys';
import { SerialPortStream } from '@serialport/stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pty } from '../../src/pty.js';
import { type Binding, type BindingOptions, serialBinding } from '../../src/serial.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';

let manager: EventManager;
let running: Promise<void>;
let pty: Pty;
let binding: Binding;

expectNoDeviceLeftOpen();

beforeEach(() => {
  manager = new EventManager();
  running = manager.run();
  pty = Pty.open();
  binding = serialBinding(manager);
});

afterEach(async () => {
  manager.stop();
  await running;
  manager.close();
  pty.close();
});

function options(more: Partial<BindingOptions> = {}): BindingOptions {
  return { path: pty.slavePath, baudRate: 9600, ...more };
}

describe.each([300, 9600, 250_000])('a stream of @serialport/stream at %d baud', (baudRate) => {
  let port: SerialPortStream;

  beforeEach(async () => {
    port = new SerialPortStream({ binding, path: pty.slavePath, baudRate });
    await once(port, 'open');
  });

  afterEach(async () => {
    if (port.isOpen) {
      port.close();
      await once(port, 'close');
    }
  });

  test('emits what arrives', async () => {
    pty.write(Buffer.from('hello'));
    const [data] = await once(port, 'data');
    expect(data).toEqual(Buffer.from('hello'));
  });

  test('sends what is written, and drains', async () => {
    port.write('ping');
    await new Promise<void>((resolve, reject) => port.drain((error) => (error ? reject(error) : resolve())));
    const into = Buffer.alloc(8);
    expect(into.toString('utf8', 0, pty.read(into))).toBe('ping');
  });

  test('sends more than the driver has room for', async () => {
    const bytes = Buffer.alloc(100_000, 'x');
    port.write(bytes);
    let length = 0;
    const into = Buffer.alloc(65_536);
    while (length < bytes.length) {
      await manager.once(pty, 1);
      length += pty.read(into) ?? 0;
    }
    expect(length).toBe(bytes.length);
  });

  test('changes its speed', async () => {
    await new Promise<void>((resolve, reject) =>
      port.update({ baudRate: 2 * baudRate }, (error) => (error ? reject(error) : resolve())),
    );
    expect(await port.port?.getBaudRate()).toEqual({ baudRate: 2 * baudRate });
  });

  test('is closed as disconnected when the device is gone', async () => {
    port.resume();
    const closed = once(port, 'close');
    await setImmediate();
    pty.close();
    const [error] = await closed;
    expect(error).toMatchObject({ disconnected: true });
  });

  test('can be closed while it waits for bytes, and opened again', async () => {
    port.resume();
    port.close();
    expect(await once(port, 'close')).toEqual([null]);
    port.open();
    await once(port, 'open');
    pty.write(Buffer.from('again'));
    const [data] = await once(port, 'data');
    expect(data).toEqual(Buffer.from('again'));
  });
});

test('a stream emits an error if the port cannot be opened', async () => {
  const port = new SerialPortStream({ binding, path: '/dev/ttyNONE', baudRate: 9600 });
  const [error] = await once(port, 'error');
  expect(error).toMatchObject({ code: 'ENOENT', path: '/dev/ttyNONE' });
  expect(port.isOpen).toBe(false);
});

test('reads and writes that are under way are canceled when the port is closed', async () => {
  const port = await binding.open(options());
  const read = port.read(Buffer.alloc(1), 0, 1);
  const write = port.write(Buffer.alloc(1_000_000));
  await port.close();
  expect(port.isOpen).toBe(false);
  await expect(read).rejects.toMatchObject({ canceled: true });
  await expect(write).rejects.toMatchObject({ canceled: true });
});

test('a read returns at least one byte, and no more than there is room for', async () => {
  const port = await binding.open(options());
  const buffer = Buffer.alloc(10);
  const read = port.read(buffer, 2, 3);
  pty.write(Buffer.from('abcdef'));
  expect(await read).toEqual({ buffer, bytesRead: 3 });
  expect(buffer.toString('latin1')).toBe('\0\0abc\0\0\0\0\0');
  await port.flush();
  await port.close();
});

test('every method of a closed port is rejected', async () => {
  const port = await binding.open(options());
  await port.close();
  for (const call of [
    () => port.close(),
    () => port.read(Buffer.alloc(1), 0, 1),
    () => port.write(Buffer.alloc(1)),
    () => port.update({ baudRate: 1 }),
    () => port.set({}),
    () => port.get(),
    () => port.getBaudRate(),
    () => port.flush(),
    () => port.drain(),
  ]) {
    await expect(call()).rejects.toThrow('Port is not open');
  }
});

test('openOptions has the defaults', async () => {
  const port = await binding.open(options());
  expect(port.openOptions).toEqual({
    path: pty.slavePath,
    baudRate: 9600,
    dataBits: 8,
    lock: true,
    stopBits: 1,
    parity: 'none',
    rtscts: false,
    xon: false,
    xoff: false,
    xany: false,
    hupcl: true,
  });
  await port.close();
});

test.each<Partial<BindingOptions>>([
  { baudRate: 0 },
  { parity: 'both' },
  { stopBits: 1.5 },
  { xon: true },
  { xoff: true },
  { xon: true, xoff: true, rtscts: true },
  { xany: true },
  { hupcl: false },
])('%j is refused', async (more) => {
  await expect(binding.open(options(more))).rejects.toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
});

test('list() lists the ports that have hardware', async () => {
  for (const info of await binding.list()) {
    expect(info.path).toMatch(/^\/dev\/tty/);
  }
});
