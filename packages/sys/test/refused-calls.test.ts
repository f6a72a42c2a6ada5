import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PidFd } from '../src/index.js';
import { InstalledCopy } from './support/installed-copy.js';

const at = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
const { ENOSYS, EPERM } = constants.errno;

let folder: string;
let launcher: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'em-refused-'));
  launcher = join(folder, 'refuse-calls');
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', launcher, at('refuse-calls.c')]);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Old kernels lack the calls. Containers refuse calls that are newer than the container. */
describe.each([
  ['ENOSYS', ENOSYS],
  ['EPERM', EPERM],
])('where system calls fail with %s', (code, errno) => {
  /** Runs a program of Node. Its fd 3 is a pidfd of this process. */
  function run(...args: readonly string[]): string {
    using pidFd = new PidFd(process.pid);
    const { stdout, stderr } = spawnSync(launcher, [String(errno), process.execPath, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', pidFd.fd],
    });
    expect(stderr).toBe('');
    return stdout;
  }

  test.each([
    'epoll_pwait2',
    'pidfd_open',
    'pidfd_send_signal',
    'close_range',
    'preadv2',
    'pwritev2',
    'recvmmsg',
    'sendmmsg',
  ])('%s is really refused', (name) => {
    const outcomes = execFileSync(launcher, [String(errno)], { encoding: 'utf8' }).split('\n');
    expect(outcomes).toContain(`${name} ${errno}`);
  });

  test('waiting, reading, writing, batches of datagrams and children work, and a PidFd reports what it needs', () => {
    expect(JSON.parse(run(at('refused.mjs')))).toEqual({
      timedOut: 0,
      waitedEnough: true,
      reported: 1,
      empty: true,
      read: 5,
      blocked: true,
      sent: 3,
      received: ['one', 'two', 'three'],
      printed: 'child\n',
      exitCode: 0,
      pidFd: {
        code,
        syscall: 'pidfd_open',
        message: expect.stringMatching(/, pidfd_open: it needs Linux 5\.3, and a container must allow it; run npx/),
      },
      signal: { code, syscall: 'pidfd_send_signal', message: expect.stringMatching(/, pidfd_send_signal/) },
    });
  });

  test('the doctor reports that the package works, the calls that are refused, and the filter', () => {
    using copy = new InstalledCopy();
    copy.putAddon('native/build/Release/em_sys.node');
    const findings = JSON.parse(run(join(copy.folder, 'node_modules/@em/sys/dist/em-sys.js'), 'doctor', '--json'));
    const refused = expect.stringMatching(`^no: ${code}, `);
    expect(findings).toMatchObject({
      works: true,
      within: expect.arrayContaining(['seccomp']),
      capabilities: { epoll: 'yes', epoll_pwait2: refused, pidfd: refused, pidfd_send_signal: refused, timerfd: 'yes' },
    });
  });
});
