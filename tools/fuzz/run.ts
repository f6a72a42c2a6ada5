// Feeds random bytes to the code that reads data of the kernel. For C++ it uses libFuzzer, which looks for new paths
// through the code and starts from the files in corpus. For TypeScript it runs the property tests, also
// those of ioctl().
// argv: the number of seconds for each, 60 by default. Needs clang and its runtime (Debian: clang libclang-rt-14-dev).

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const SYS = join(import.meta.dirname, '../../packages/sys');
const NATIVE = join(SYS, 'native/src');
const folder = join(SYS, 'build/fuzz');
/** The inputs that libFuzzer keeps from one run to the next. */
const found = join(folder, 'corpus');
const seconds = Number(process.argv[2] ?? 60);
if (!Number.isInteger(seconds) || seconds < 1) {
  throw new Error(`The number of seconds must be a positive integer, not ${process.argv[2]}`);
}

mkdirSync(found, { recursive: true });
const target = join(folder, 'control_messages');
const sources = [join(import.meta.dirname, 'control_messages.cc'), join(NATIVE, 'control.cc')];
const flags = ['-std=c++20', '-O1', '-g', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=undefined'];
run('clang++', [...flags, `-I${NATIVE}`, '-o', target, ...sources]);
run(target, [
  `-max_total_time=${seconds}`,
  '-max_len=2048',
  '-print_final_stats=1',
  `-artifact_prefix=${folder}/`,
  found,
  join(import.meta.dirname, 'corpus'),
]);
run(
  process.execPath,
  [join(SYS, 'node_modules/vitest/vitest.mjs'), 'run', 'kernel-data', 'ioctl-fuzz', '--reporter=verbose'],
  {
    EM_FUZZ_SECONDS: String(seconds),
  },
);

function run(command: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}): void {
  const { status, error } = spawnSync(command, args, {
    cwd: SYS,
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  if (status !== 0) {
    console.error(error === undefined ? `${command} failed` : `${command} cannot be run: ${error.message}`);
    process.exit(1);
  }
}
