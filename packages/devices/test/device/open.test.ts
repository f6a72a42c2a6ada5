import { chmodSync, chownSync, closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getFlags, ioctl, setNonBlocking } from '@em/sys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Device } from '../../src/device/device.js';
import { adoptDevice, openDevice } from '../../src/device/open.js';
import type { OpenDevice } from '../../src/device/open-device.js';
import { expectNoDeviceLeftOpen } from '../support/open-files.js';
import { raises } from '../support/raises.js';

/** asm-generic/ioctls.h. */
const FIONCLEX = 0x5450;
const { O_RDONLY } = constants;

class Null extends Device {
  constructor(device: OpenDevice) {
    super(device);
  }
  read(buffer: Uint8Array): number | undefined {
    return this.readBytes(buffer, 0, undefined);
  }
  write(buffer: Uint8Array): number | undefined {
    return this.writeBytes(buffer, 0, undefined);
  }
  ask(): number {
    return this.request('ask', 0x5413, new Uint8Array(8));
  }
}

expectNoDeviceLeftOpen();

describe('openDevice()', () => {
  test('opens a device non-blocking and close-on-exec', () => {
    using device = new Null(openDevice('/dev/null', O_RDONLY));
    expect(getFlags(device.fd)).toMatchObject({ nonBlocking: true, closeOnExec: true });
    expect(device.path).toBe('/dev/null');
  });

  test('throws an error that names the device', () => {
    expect(raises(() => openDevice('/dev/no-such-device', O_RDONLY))).toMatchObject({
      message: 'Cannot open /dev/no-such-device: ENOENT: no such file or directory, open',
      code: 'ENOENT',
      errno: -2,
      syscall: 'open',
      path: '/dev/no-such-device',
      cause: { code: 'ENOENT' },
    });
  });
});

test('the error of openDevice() says which module to load if there is no such device', () => {
  expect(raises(() => openDevice('/dev/no-such-device', O_RDONLY, 'uinput')).message).toBe(
    'Cannot open /dev/no-such-device: ENOENT: no such file or directory, open; load its kernel module: modprobe uinput',
  );
});

describe.skipIf(process.getuid?.() !== 0)('without permission, the message', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'em-devices-'));
    chmodSync(folder, 0o755);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['names the group that may', 0o660, '; members of the group daemon may'],
    ['names no group if only the owner may', 0o600, '; only its owner and root may'],
  ])('%s', (_, mode, hint) => {
    const path = join(folder, 'device');
    writeFileSync(path, '');
    chownSync(path, 0, 1);
    chmodSync(path, mode);
    process.seteuid?.(65_534);
    const error = raises(() => openDevice(path, O_RDONLY));
    process.seteuid?.(0);
    expect(error).toMatchObject({ code: 'EACCES', path });
    expect(error.message).toBe(`Cannot open ${path}: EACCES: permission denied, open${hint}`);
  });

  test('does not name a group if the folder does not let anybody in', () => {
    const path = join(folder, 'device');
    chmodSync(folder, 0o700);
    process.seteuid?.(65_534);
    const error = raises(() => openDevice(path, O_RDONLY));
    process.seteuid?.(0);
    expect(error.message).toBe(`Cannot open ${path}: EACCES: permission denied, open`);
  });
});

describe('a device', () => {
  test('throws errors that name it', () => {
    using device = new Null(openDevice('/dev/null', O_RDONLY));
    const { fd } = device;
    expect(raises(() => device.write(new Uint8Array(1)))).toMatchObject({
      message: 'Cannot write to /dev/null: EBADF: bad file descriptor, write',
      code: 'EBADF',
      syscall: 'write',
      path: '/dev/null',
      fd,
    });
    expect(raises(() => device.ask()).message).toBe(
      'Cannot ask /dev/null: ENOTTY: inappropriate ioctl for device, ioctl',
    );
    expect(device.read(new Uint8Array(1))).toBe(0);
  });

  test('leaves other errors as they are', () => {
    const device = new Null(openDevice('/dev/null', O_RDONLY));
    expect(raises(() => device.read(new Uint8Array(0)))).toMatchObject({
      name: 'RangeError',
      code: 'ERR_OUT_OF_RANGE',
    });
    device.close();
    expect(raises(() => device.read(new Uint8Array(1))).code).toBe('ERR_EM_CLOSED');
    expect(raises(() => device.ask()).code).toBe('ERR_EM_CLOSED');
  });

  test('is constructed only with an fd that was opened or checked', () => {
    for (const wrong of [3, { fd: 3, path: '/dev/null' }, undefined, null]) {
      expect(raises(() => Reflect.construct(Null, [wrong])).code).toBe('ERR_INVALID_ARG_TYPE');
    }
  });
});

describe('adoptDevice()', () => {
  const make = (fd: number, probe: (fd: number) => string | undefined = () => undefined) =>
    adoptDevice(fd, 'a null device', probe, (device) => new Null(device));

  test('makes the fd non-blocking and close-on-exec', () => {
    const fd = openSync('/dev/null', O_RDONLY);
    setNonBlocking(fd, false);
    ioctl(fd, FIONCLEX);
    using device = make(fd);
    expect([device.path, getFlags(device.fd)]).toMatchObject(['/dev/null', { nonBlocking: true, closeOnExec: true }]);
  });

  test('refuses an fd that is something else, and leaves it as it was', () => {
    const fd = openSync('/dev/null', O_RDONLY);
    ioctl(fd, FIONCLEX);
    const before = getFlags(fd);
    const probe = (probed: number) => String(ioctl(probed, 0x5413, new Uint8Array(8)));
    expect(raises(() => make(fd, probe))).toMatchObject({
      message: `Cannot adopt fd ${fd}: it is /dev/null, not a null device`,
      code: 'ERR_EM_WRONG_KIND',
      fd,
      cause: { code: 'ENOTTY' },
    });
    expect(getFlags(fd)).toEqual(before);
    closeSync(fd);
  });

  test('leaves the fd as it was if no object can be made', () => {
    const fd = openSync('/dev/null', O_RDONLY);
    ioctl(fd, FIONCLEX);
    const before = getFlags(fd);
    const refusal = new Error('refused');
    const refuse = () => {
      throw refusal;
    };
    expect(raises(() => adoptDevice(fd, 'a null device', () => undefined, refuse))).toBe(refusal);
    expect(getFlags(fd)).toEqual(before);
    closeSync(fd);
  });

  test('throws EBADF for an fd that is not open, and misuse for what cannot be one', () => {
    const fd = openSync('/dev/null', O_RDONLY);
    closeSync(fd);
    expect(raises(() => make(fd)).code).toBe('EBADF');
    expect(raises(() => make(-1)).code).toBe('ERR_OUT_OF_RANGE');
  });
});
