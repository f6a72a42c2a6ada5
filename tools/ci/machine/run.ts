// Boots a virtual machine with Debian's kernel, and runs the device tests in it: the files `*.device.test.ts`. They need
// devices that few machines have, for example GPIO lines, input devices and CAN. Fails if a test fails. Writes a report
// for the sums that `.ci/run` prints. argv: arguments of vitest, for example a part of a file's path. Without them, or
// with `runtimes` or `drop-ins`, it also runs those that need all runtimes, or the packed packages.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installRuntimes } from '../runtimes/runtimes.ts';
import { bundleSmoke, copyBuilt } from '../runtimes/smoke.ts';
import { installDropIns } from '../tarballs/drop-ins.ts';
import { packOne } from '../tarballs/pack.ts';
import { Stranger } from '../tarballs/stranger.ts';
import { boot } from './boot.ts';
import { type Kernel, prepareKernel } from './kernel.ts';
import { newestKernel } from './packages.ts';

const REPORT = join(import.meta.dirname, 'test-report.json');
const TOOLS = { 'qemu-system-x86_64': 'qemu-system-x86', gcc: 'gcc', make: 'make', xz: 'xz-utils' };

rmSync(REPORT, { force: true });
const unsupported = whyUnsupported();
if (unsupported === undefined) {
  checkTools();
  process.exitCode = await runTests(prepareKernel(newestKernel()), process.argv.slice(2));
} else {
  skip(unsupported);
}

/** Returns why there is no kernel for this machine, or `undefined` if there is one. */
function whyUnsupported(): string | undefined {
  if (process.arch !== 'x64') {
    return `the virtual machine is for x64, not for ${process.arch}`;
  }
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const isDebian12 = /^ID=debian$/m.test(system) && /^VERSION_ID="12"$/m.test(system);
  return isDebian12 ? undefined : 'the kernel is from the packages of Debian 12, and this is another system';
}

/** Throws unless all programs that the tests need are installed. */
function checkTools(): void {
  const missing = Object.entries(TOOLS).filter(([program]) => !isInstalled(program));
  if (missing.length > 0) {
    const programs = missing.map(([program]) => program).join(', ');
    const packages = missing.map(([, name]) => name).join(' ');
    throw new Error(`Cannot boot a virtual machine without ${programs}; run: apt-get install ${packages}`);
  }
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Returns the exit code of vitest in the machine. */
async function runTests(kernel: Kernel, args: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'em-machine-'));
  using stranger = new Stranger();
  try {
    const onRuntimes = args.length === 0 || args.some((arg) => ['runtimes', 'drop-ins'].includes(arg));
    const prepared = onRuntimes ? await prepareRuntimes(folder, stranger) : {};
    await boot(kernel, folder, { EM_ARGS: args.join(' '), ...prepared });
    const report = join(folder, 'test-report.json');
    // Vitest writes no report if the arguments match no test file.
    if (existsSync(report)) {
      copyFileSync(report, REPORT);
    }
    return Number(readFileSync(join(folder, 'status'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prepares the tests that run on every runtime. Returns environment variables with the folders that they need. */
async function prepareRuntimes(folder: string, stranger: Stranger): Promise<{ EM_SMOKE: string; EM_DROP_INS: string }> {
  const smoke = join(folder, 'smoke');
  mkdirSync(smoke);
  installRuntimes();
  copyBuilt(smoke);
  bundleSmoke(smoke);
  execFileSync('pnpm', ['build:prebuilds'], { stdio: 'ignore' });
  const tarballs = ['@em/core', '@em/sys'].map((name) => packOne(name, folder));
  return { EM_SMOKE: smoke, EM_DROP_INS: await installDropIns(stranger, tarballs) };
}

/** Reports the device tests as one skipped test. */
function skip(reason: string): void {
  const fullName = `the device tests (skipped: ${reason})`;
  console.log(`skipped: ${fullName}`);
  const testResults = [{ assertionResults: [{ fullName, status: 'skipped' }] }];
  writeFileSync(REPORT, JSON.stringify({ success: true, numPassedTests: 0, numFailedTests: 0, testResults }));
}
