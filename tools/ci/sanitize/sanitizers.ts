import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Instruments what is compiled, and finds faults while that runs. */
export interface Sanitizer {
  /** For the compiler, and for the linker. */
  readonly flags: readonly string[];
  /** What a process that loads such an addon has in it from the start. */
  readonly libraries: readonly string[];
  /** Its options, by the variable that each tool looks at; `logs` is where each process leaves what was found. */
  readonly options: (logs: string) => Readonly<Record<string, string>>;
  /** The faults of `canary.cc` that it finds. */
  readonly faults: readonly string[];
}

/** Those of Node in which the addon has a hand. */
const KNOWN_LEAKS = join(import.meta.dirname, 'known-leaks.txt');

export const SANITIZERS: Readonly<Record<'address' | 'thread', Sanitizer>> = {
  /** Accesses out of bounds, after free and the like; undefined behaviour; leaks, in processes that end by themselves. */
  address: {
    flags: ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
    libraries: ['libasan.so', 'libubsan.so'],
    options: (logs) => ({
      ASAN_OPTIONS: `detect_leaks=1:detect_stack_use_after_return=1:handle_abort=1:log_path=${join(logs, 'address')}`,
      // UBSan writes its findings to stderr even with log_path, so it aborts, and ASan reports the abort in its log.
      UBSAN_OPTIONS: `print_stacktrace=1:abort_on_error=1:log_path=${join(logs, 'address')}`,
      // A leak does not fail the process that has it, for it may be one of Node's.
      LSAN_OPTIONS: `exitcode=0:suppressions=${KNOWN_LEAKS}:print_suppressions=0`,
    }),
    faults: ['overflow', 'useAfterFree', 'undefined', 'leak'],
  },
  /** Data races. Node is not instrumented, so that what it does by itself cannot be judged, and is not. */
  thread: {
    flags: ['-fsanitize=thread'],
    libraries: ['libtsan.so'],
    options: (logs) => ({
      TSAN_OPTIONS: `ignore_noninstrumented_modules=1:second_deadlock_stack=1:atexit_sleep_ms=0:log_path=${join(logs, 'thread')}`,
    }),
    faults: ['race'],
  },
};

/** The variables of a process that can load an addon with this sanitizer. The addon alone would come too late for it. */
export function environment({ libraries, options }: Sanitizer, compiler: string, logs: string): NodeJS.ProcessEnv {
  const preloaded = [...libraries, 'libstdc++.so.6'].map((name) => pathOf(name, compiler));
  return { ...process.env, ...options(logs), LD_PRELOAD: preloaded.join(' ') };
}

function pathOf(library: string, compiler: string): string {
  const path = execFileSync(compiler, [`-print-file-name=${library}`], { encoding: 'utf8' }).trim();
  if (path === library) {
    throw new Error(`${compiler} does not come with ${library}`);
  }
  return path;
}
