import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.each([
  ['/dev/uinput', 'makes input devices'],
  ['/dev/uhid', 'makes HID devices'],
  ['/dev/net/tun', 'makes TUN interfaces'],
  ['/dev/i2c-0', 'has a simulated I2C bus'],
  ['/dev/vsock', 'has sockets between virtual machines'],
  ['/proc/pressure/memory', 'reports memory pressure'],
  ['/sys/class/net/vcan0', 'has a virtual CAN bus'],
])('the machine has %s, which %s', (path) => {
  expect(existsSync(path)).toBe(true);
});

test('gpio-sim makes a GPIO chip, and pulls its lines', () => {
  const folder = '/sys/kernel/config/gpio-sim/em';
  mkdirSync(join(folder, 'bank'), { recursive: true });
  writeFileSync(join(folder, 'bank/num_lines'), '2');
  writeFileSync(join(folder, 'live'), '1');
  const chip = readFileSync(join(folder, 'bank/chip_name'), 'utf8').trim();
  expect(existsSync(join('/dev', chip))).toBe(true);
  const device = readFileSync(join(folder, 'dev_name'), 'utf8').trim();
  const line = join('/sys/devices/platform', device, chip, 'sim_gpio1');
  writeFileSync(join(line, 'pull'), 'pull-up');
  expect(readFileSync(join(line, 'value'), 'utf8')).toBe('1\n');
  writeFileSync(join(folder, 'live'), '0');
  rmdirSync(join(folder, 'bank'));
  rmdirSync(folder);
});

test('files of the host can be changed here, since changes stay in memory', () => {
  writeFileSync(import.meta.filename, '');
  expect(readFileSync('/proc/self/mounts', 'utf8')).toMatch(/^overlay \/ overlay /m);
});
