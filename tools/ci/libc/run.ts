// Builds the addon with EM_SYS_LIBC=1, so that libc makes all system calls, and runs the tests of the calls that
// otherwise do without libc. Fails if a test fails. Writes a report for the sums that `.ci/run` prints. argv: test
// files, instead of those below.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const SYS = join(import.meta.dirname, '../../../packages/sys');
const BUILT = 'build/Release/em_sys.node';
/** Files whose path contains one of these. */
const TESTS = ['native-calls', 'addon/binding', 'poller/contract', 'poller/epoll-', 'fds/', 'ioctl/', 'sockets/'];

const native = join(SYS, 'native');
const copy = join(SYS, 'build/libc');
rmSync(copy, { recursive: true, force: true });
for (const name of ['binding.gyp', 'build.js', 'exports.map', 'gyp.js', 'src']) {
  cpSync(join(native, name), join(copy, name), { recursive: true });
}
execFileSync(process.execPath, [join(copy, 'build.js')], {
  env: { ...process.env, EM_SYS_LIBC: '1' },
  stdio: 'inherit',
});
const addon = join(copy, BUILT);
expectSystemCalls(join(native, BUILT), true);
expectSystemCalls(addon, false);

const given = process.argv.slice(2);
const report = join(import.meta.dirname, 'test-report.json');
const vitest = join(SYS, 'node_modules/vitest/vitest.mjs');
const options = ['--config', '../../vitest.config.ts', `--outputFile.json=${report}`];
const { status } = spawnSync(process.execPath, [vitest, 'run', ...options, ...(given.length > 0 ? given : TESTS)], {
  cwd: SYS,
  env: { ...process.env, EM_SYS_BINDING: addon },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

/** Throws unless the machine code of an addon contains the instruction that makes a system call, or contains none. */
function expectSystemCalls(path: string, expected: boolean): void {
  const code = execFileSync('objdump', ['--disassemble', '--no-show-raw-insn', path], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (/\t(?:syscall|svc\t)/.test(code) !== expected) {
    throw new Error(`${path} ${expected ? 'makes no system call' : 'makes a system call'} without libc`);
  }
}
