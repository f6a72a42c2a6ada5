import { expect, test } from 'vitest';
import { InstalledCopy } from './support/installed-copy.js';

const LOCAL = 'native/build/Release/em_sys.node';

test('the doctor reports the platform, the runtime, and what the kernel supports', () => {
  using copy = new InstalledCopy();
  copy.putAddon(LOCAL);
  const { status, output } = copy.doctor();
  expect(status).toBe(0);
  const lines = output.split('\n');
  expect(lines[0]).toMatch(/^@em\/sys \d+\.\d+\.\d+.* works here$/);
  const rows = Object.fromEntries(lines.slice(2).map((line) => [line.slice(0, 18).trim(), line.slice(18)]));
  expect(rows).toMatchObject({
    platform: `linux, ${process.arch}, glibc`,
    runtime: `Node.js ${process.versions.node}, Node-API ${process.versions['napi']}`,
    kernel: expect.stringMatching(/^\d+\.\d+/),
    'open files': expect.stringMatching(/^\d+, at most (\d+|unlimited)$/),
    addon: expect.stringContaining(LOCAL),
    epoll: 'yes',
    timerfd: 'yes',
    pidfd: 'yes',
    pidfd_send_signal: 'yes',
    inotify: 'yes',
  });
});

test('the doctor prints JSON with --json', () => {
  using copy = new InstalledCopy();
  copy.putAddon(LOCAL);
  const { status, output } = copy.node(['node_modules/@em/sys/dist/em-sys.js', 'doctor', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ works: true, arch: process.arch, capabilities: { epoll: 'yes' } });
});

test('if the addon does not load, the doctor reports why, and everything else that it finds', () => {
  using copy = new InstalledCopy();
  const { status, output } = copy.node(['node_modules/@em/sys/dist/em-sys.js', 'doctor', '--json']);
  expect(status).toBe(1);
  expect(JSON.parse(output)).toMatchObject({
    works: false,
    problem: expect.stringMatching('no addon that loads'),
    platform: 'linux',
    libc: 'glibc',
  });
});

test.each([[[]], [['surgeon']], [['doctor', '--xml']]])(
  'the doctor prints its usage for the wrong arguments %j',
  (args) => {
    using copy = new InstalledCopy();
    const { status, output } = copy.node(['node_modules/@em/sys/dist/em-sys.js', ...args]);
    expect(status).toBe(2);
    expect(output).toMatch(/^Usage: em-sys doctor/);
  },
);
