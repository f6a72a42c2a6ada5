// What is said about a device that cannot be opened: another file, no permission, in use.
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GpioChip } from '../../src/gpio.js';
import { InputDevice, VirtualInput } from '../../src/input.js';
import { Pty } from '../../src/pty.js';
import { SerialPort } from '../../src/serial.js';
import { Tun } from '../../src/tun.js';
import { localCid, VsockListener } from '../../src/vsock.js';
import { GpioSim } from '../gpio/gpio-sim.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

const NOBODY = 65_534;
const GROUP = 'dialout';
const KEY_A = 30;
const VSOCK_RESERVED = 7;

expectNoDeviceLeftOpen();

/** Makes a call as a user without privileges, and returns its error. */
function raisesForOthers(call: () => unknown): ReturnType<typeof raises> {
  process.seteuid?.(NOBODY);
  try {
    return raises(call);
  } finally {
    process.seteuid?.(0);
  }
}

/** Makes a call while only members of a group may open a device. */
function whileOnlyGroupMay<R>(path: string, call: () => R): R {
  const { uid, gid, mode } = statSync(path);
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${GROUP}:`));
  chownSync(path, 0, Number(line?.split(':')[2]));
  chmodSync(path, 0o660);
  try {
    return call();
  } finally {
    chownSync(path, uid, gid);
    chmodSync(path, mode & 0o7777);
  }
}

describe.each<[string, (path: string) => unknown, string]>([
  ['a GPIO chip', (path) => GpioChip.open(path), '; it is not a GPIO chip'],
  ['an input device', (path) => InputDevice.open(path), '; it is not an input device'],
  ['a serial port', (path) => SerialPort.open(path, { baudRate: 9600 }), 'inappropriate ioctl for device, ioctl'],
])('a path that is not %s', (_, open, reason) => {
  test('is refused and named, and nothing stays open', () => {
    const path = '/dev/zero';
    expect(raises(() => open(path))).toMatchObject({ code: 'ENOTTY', path, message: expect.stringContaining(path) });
    expect(raises(() => open(path)).message.slice(-reason.length)).toBe(reason);
  });

  test.each(['/dev/no-such-device', '/dev'])('is refused and named: %s', (path) => {
    expect(raises(() => open(path))).toMatchObject({ code: expect.stringMatching(/^E/), path });
  });
});

describe('without permission, the error names the group that may open', () => {
  test.each<[string, string, () => unknown]>([
    ['a serial port', '/dev/ttyS0', () => SerialPort.open('/dev/ttyS0', { baudRate: 9600 })],
    ['uinput', '/dev/uinput', () => VirtualInput.create({ name: 'em', keys: [KEY_A] })],
    ['TUN', '/dev/net/tun', () => Tun.open()],
    ['ptys', '/dev/ptmx', () => Pty.open()],
    ['vsock', '/dev/vsock', () => localCid()],
  ])('%s', (_, path, open) => {
    const error = whileOnlyGroupMay(path, () => raisesForOthers(open));
    expect(error).toMatchObject({ code: 'EACCES', path });
    expect(error.message).toBe(
      `Cannot open ${path}: EACCES: permission denied, open; members of the group ${GROUP} may`,
    );
  });

  test('a GPIO chip', () => {
    using sim = new GpioSim(['']);
    const error = whileOnlyGroupMay(sim.path, () => raisesForOthers(() => GpioChip.open(sim.path)));
    expect(error).toMatchObject({ code: 'EACCES', path: sim.path, message: expect.stringContaining(GROUP) });
  });

  test('an input device', () => {
    using input = VirtualInput.create({ name: 'em', keys: [KEY_A] });
    const path = input.eventPath ?? '';
    const error = whileOnlyGroupMay(path, () => raisesForOthers(() => InputDevice.open(path)));
    expect(error).toMatchObject({ code: 'EACCES', path, message: expect.stringContaining(GROUP) });
  });
});

describe('without a capability, the error names it', () => {
  test('a network interface', () => {
    chmodSync('/dev/net/tun', 0o666);
    expect(raisesForOthers(() => Tun.open())).toMatchObject({
      code: 'EPERM',
      path: '/dev/net/tun',
      message: expect.stringMatching(/; it needs the capability CAP_NET_ADMIN$/),
    });
  });

  test('a reserved port of vsock', () => {
    expect(raisesForOthers(() => VsockListener.listen({ port: VSOCK_RESERVED }))).toMatchObject({
      code: 'EACCES',
      path: expect.stringContaining(`:${VSOCK_RESERVED}`),
      message: expect.stringMatching(/; a port below 1024 needs the capability CAP_NET_BIND_SERVICE$/),
    });
  });
});

test('a serial port that another program has locked is refused and named', () => {
  using pty = Pty.open();
  const { slavePath: path } = pty;
  chmodSync(path, 0o666);
  using _port = SerialPort.open(path, { baudRate: 9600, exclusive: true });
  expect(raisesForOthers(() => SerialPort.open(path, { baudRate: 9600 }))).toMatchObject({
    code: 'EBUSY',
    path,
    message: `Cannot open ${path}: EBUSY: resource busy or locked, open; another program has locked it`,
  });
});
