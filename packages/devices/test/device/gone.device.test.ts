// What happens when a device goes away while a program uses it.
import { execFileSync } from 'node:child_process';
import { EventManager, EventSet, Ioctl, ioctl } from '@em/sys';
import { describe, expect, test } from 'vitest';
import { CanSocket } from '../../src/can.js';
import type { Device } from '../../src/device/device.js';
import { GpioChip } from '../../src/gpio.js';
import { InputDevice, InputEventType, VirtualInput } from '../../src/input.js';
import { Pty } from '../../src/pty.js';
import { SerialPort } from '../../src/serial.js';
import { Tun } from '../../src/tun.js';
import { GpioSim } from '../gpio/gpio-sim.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const UI_DEV_DESTROY = Ioctl.none('U', 2);
const BUTTON = 0;
const KEY_A = 30;

/** A device that goes away. */
interface Case {
  readonly device: Device;
  /** What a wait reports then. */
  readonly events: readonly string[];
  /** The error of each call. */
  readonly code: string;
  readonly hint: string;
  readonly calls: Readonly<Record<string, () => unknown>>;
  takeAway(): void;
  cleanUp(): void;
}

const GONE = '; the device is gone: close this object';

expectNoDeviceLeftOpen();

function ip(...args: string[]): void {
  execFileSync('ip', args);
}

function gpio(
  make: (chip: GpioChip, sim: GpioSim) => Omit<Case, 'events' | 'code' | 'hint' | 'takeAway' | 'cleanUp'>,
): Case {
  const sim = new GpioSim(['BUTTON']);
  const chip = GpioChip.open(sim.path);
  return {
    events: ['ERROR', 'HANG_UP'],
    code: 'ENODEV',
    hint: GONE,
    takeAway: () => sim.unplug(),
    cleanUp: () => {
      chip.close();
      sim[Symbol.dispose]();
    },
    ...make(chip, sim),
  };
}

const input = { direction: 'input', edges: 'both' } as const;

const CASES: Readonly<Record<string, () => Case>> = {
  'a GPIO chip': () =>
    gpio((chip) => ({
      device: chip,
      calls: { info: () => chip.info, lines: () => chip.lines(), request: () => chip.requestLines([BUTTON], input) },
    })),
  'GPIO lines with edges': () =>
    gpio((chip) => {
      const lines = chip.requestLines([BUTTON], input);
      return { device: lines, calls: { read: () => lines.read(), get: () => lines.get() } };
    }),
  'GPIO lines with an edge that was not read': () =>
    gpio((chip, sim) => {
      const lines = chip.requestLines([BUTTON], input);
      using manager = new EventManager();
      manager.add(lines, EventSet.IN, () => undefined);
      sim.pull(BUTTON, true);
      manager.wait();
      return { device: lines, calls: { read: () => lines.read(), get: () => lines.get() } };
    }),
  'GPIO lines that are outputs': () =>
    gpio((chip) => {
      const lines = chip.requestLines([BUTTON], { direction: 'output' });
      return { device: lines, calls: { set: () => lines.set([true]), get: () => lines.get() } };
    }),
  'an input device': () => {
    const virtual = VirtualInput.create({ name: 'em gone', keys: [KEY_A] });
    const device = InputDevice.open(virtual.eventPath ?? '');
    return {
      device,
      events: ['ERROR', 'HANG_UP'],
      code: 'ENODEV',
      hint: GONE,
      calls: {
        readFrame: () => device.readFrame(),
        read: () => device.read(Buffer.alloc(24)),
        name: () => device.name,
        capabilities: () => device.capabilities,
        grab: () => device.grab(true),
      },
      takeAway: () => {
        virtual.emit(InputEventType.KEY, KEY_A, 1);
        virtual.sync();
        ioctl(virtual.fd, UI_DEV_DESTROY);
      },
      cleanUp: () => virtual.close(),
    };
  },
  'a network interface (TUN)': () => {
    const device = Tun.open();
    const { name } = device;
    ip('link', 'set', name, 'up');
    return {
      device,
      events: ['ERROR'],
      code: 'EBADFD',
      hint: '; the interface was deleted: close this object',
      calls: {
        receive: () => device.receive(Buffer.alloc(100)),
        send: () => device.send(Buffer.alloc(40, 0x45)),
        name: () => device.name,
      },
      takeAway: () => ip('link', 'delete', name),
      cleanUp: () => undefined,
    };
  },
  'a CAN bus': () => {
    ip('link', 'add', 'emgone0', 'type', 'vcan');
    ip('link', 'set', 'emgone0', 'up');
    const device = CanSocket.open('emgone0');
    return {
      device,
      events: ['ERROR'],
      code: 'ENODEV',
      hint: GONE,
      calls: { receive: () => device.receive() },
      takeAway: () => ip('link', 'delete', 'emgone0'),
      cleanUp: () => undefined,
    };
  },
  'a serial port': () => {
    const pty = Pty.open();
    const device = SerialPort.open(pty.slavePath, { baudRate: 9600 });
    return {
      device,
      events: ['ERROR', 'HANG_UP'],
      code: 'EIO',
      hint: '; the device is gone, or there never was one behind this port: close it',
      calls: {
        write: () => device.write(Buffer.alloc(1)),
        baudRate: () => device.baudRate,
        setBaudRate: () => device.setBaudRate(300),
        unsentBytes: () => device.unsentBytes,
        flush: () => device.flush(),
        setBreak: () => device.setBreak(true),
        modemLines: () => device.modemLines,
      },
      takeAway: () => pty.close(),
      cleanUp: () => undefined,
    };
  },
};

describe.each(Object.keys(CASES))('%s that goes away', (kind) => {
  const make = (): Case => CASES[kind]?.() as Case;

  test('makes every call throw an error that names it, and says what to do', () => {
    const { device, code, hint, calls, takeAway, cleanUp } = make();
    const { fd, path } = device;
    takeAway();
    const errors = Object.entries(calls).map(([name, call]) => [name, raises(call)] as const);
    device.close();
    cleanUp();
    for (const [name, error] of errors) {
      expect(error, name).toMatchObject({ code, path, fd });
      expect(error.message).toMatch(`${path}: ${code}: `);
      expect(error.message.slice(-hint.length)).toBe(hint);
    }
  });

  test('is reported, and leaves nothing behind once the callback has closed it', () => {
    const { device, events, takeAway, cleanUp } = make();
    using manager = new EventManager();
    const seen: string[] = [];
    const registration = manager.add(device, EventSet.IN, (reported) => {
      seen.push(...EventSet.toNames(reported).filter((name) => name !== 'IN'));
      device.close();
    });
    takeAway();
    // Before Linux 6.6, a GPIO chip does not report it to a wait.
    registration.modify(EventSet.IN);
    manager.wait(5_000);
    cleanUp();
    expect(seen).toEqual(events);
    expect([manager.wait(0), manager.size, registration.active]).toEqual([0, 0, false]);
  });
});

test('a CAN bus that is gone takes no frame', () => {
  ip('link', 'add', 'emgone0', 'type', 'vcan');
  using socket = CanSocket.open('emgone0');
  ip('link', 'delete', 'emgone0');
  expect(raises(() => socket.receive()).code).toBe('ENODEV');
  // The kernel reports it once.
  expect(socket.receive()).toBeUndefined();
  const { code, message } = raises(() => socket.send({ id: 1 }));
  expect([code, message.endsWith(GONE)]).toEqual(['ENXIO', true]);
});

test('an interface that is down is not gone, and errors say so', () => {
  ip('link', 'add', 'emdown0', 'type', 'vcan');
  ip('link', 'set', 'emdown0', 'up');
  using socket = CanSocket.open('emdown0');
  ip('link', 'set', 'emdown0', 'down');
  const isDown = { code: 'ENETDOWN', message: expect.stringMatching(/; the interface is down$/) };
  expect(raises(() => socket.receive())).toMatchObject(isDown);
  expect(raises(() => socket.send({ id: 1 }))).toMatchObject(isDown);
  ip('link', 'set', 'emdown0', 'up');
  expect(socket.send({ id: 1 })).toBe(0);
  ip('link', 'delete', 'emdown0');
  using tun = Tun.open();
  expect(raises(() => tun.send(Buffer.alloc(40, 0x45)))).toMatchObject({
    code: 'EIO',
    message: expect.stringMatching(/; the interface is down$/),
  });
});

test('a serial port without hardware says so', () => {
  expect(raises(() => SerialPort.open('/dev/ttyS3', { baudRate: 9600 }))).toMatchObject({
    code: 'EIO',
    path: '/dev/ttyS3',
    message: expect.stringContaining('or there never was one behind this port'),
  });
});
