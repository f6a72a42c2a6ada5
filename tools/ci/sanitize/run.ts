// Runs all tests of @em/sys with an addon that is built with a sanitizer. Fails if a test fails or the sanitizer finds
// anything. Writes a report for the sums that `.ci/run` prints. argv: `address` (the default) or `thread`, then test
// files.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Compiler } from './addon.ts';
import { findings } from './findings.ts';
import { environment, SANITIZERS, type Sanitizer } from './sanitizers.ts';

const SYS = join(import.meta.dirname, '../../../packages/sys');
const HOW_LONG_MS = 60_000;
/** Tests that replace functions of libc, as a sanitizer does. */
const REPLACES_LIBC = '**/rare-outcomes.test.ts';
const [name = 'address', ...tests] = process.argv.slice(2);
const sanitizer = sanitizerOf(name);
const command = process.env['CXX'] ?? 'g++';
const folder = join(SYS, 'build', name);
const logs = join(folder, 'logs');
clearLogs();

const compiler = new Compiler(command, sanitizer.flags, folder);
const env = environment(sanitizer, command, logs);
const canary = await compiler.shared('canary', [join(import.meta.dirname, 'canary.cc')], []);
for (const fault of sanitizer.faults) {
  expectFound(fault);
}
const addon = await compiler.addon();
const passed = [runTests(), runProgram()].every(Boolean);
process.exitCode = printFindings() === 0 && passed ? 0 : 1;

function sanitizerOf(wanted: string): Sanitizer {
  const found = Object.entries(SANITIZERS).find(([known]) => known === wanted);
  if (found === undefined) {
    throw new Error(`There is no sanitizer ${wanted}, only ${Object.keys(SANITIZERS).join(' and ')}`);
  }
  return found[1];
}

/** Commits a fault, and throws if the sanitizer does not report it. */
function expectFound(fault: string): void {
  const script = 'require(process.argv[1])[process.argv[2]]()';
  spawnSync(process.execPath, ['-e', script, canary, fault], { env, stdio: 'ignore', timeout: HOW_LONG_MS });
  if (findings(logs).length === 0) {
    throw new Error(`The sanitizer does not work: it did not report the intended fault "${fault}"`);
  }
  clearLogs();
}

function runTests(): boolean {
  const vitest = join(SYS, 'node_modules/vitest/vitest.mjs');
  const report = join(import.meta.dirname, 'test-report.json');
  const options = ['--config', '../../vitest.config.ts', `--outputFile.json=${report}`, '--exclude', REPLACES_LIBC];
  return run([vitest, 'run', ...options, ...tests]);
}

/** LeakSanitizer needs a process that ends normally; vitest kills its processes. */
function runProgram(): boolean {
  const options = ['--format', 'esm', '--target', 'node20.19', '--silent', '--out-dir', folder];
  execFileSync(join(SYS, 'node_modules/.bin/tsup'), ['test/native-calls/run-all.ts', ...options], { cwd: SYS });
  return run([join(folder, 'run-all.js')]);
}

function run(args: readonly string[]): boolean {
  const { status } = spawnSync(process.execPath, args, {
    cwd: SYS,
    env: { ...env, EM_SYS_BINDING: addon },
    stdio: 'inherit',
  });
  return status === 0;
}

/** Prints the findings, and returns their number. */
function printFindings(): number {
  const found = findings(logs);
  for (const finding of found) {
    console.error(finding);
  }
  console.error(`${name}: ${found.length} findings`);
  return found.length;
}

function clearLogs(): void {
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs, { recursive: true });
}
