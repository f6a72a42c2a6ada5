import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Instruments code when it is compiled, and finds faults when it runs. */
export interface Sanitizer {
  /** The flags for the compiler and the linker. */
  readonly flags: readonly string[];
  /** The libraries that a process must preload to load such an addon. */
  readonly libraries: readonly string[];
  /** The environment variables with its options. Each process writes its findings to the folder `logs`. */
  readonly options: (logs: string) => Readonly<Record<string, string>>;
  /** The faults of `canary.cc` that it finds. */
  readonly faults: readonly string[];
}

/** Leaks of Node that have the addon in their stack. */
const KNOWN_LEAKS = join(import.meta.dirname, 'known-leaks.txt');

export const SANITIZERS: Readonly<Record<'address' | 'thread', Sanitizer>> = {
  /** Invalid memory accesses, undefined behaviour, and leaks in processes that end normally. */
  address: {
    flags: ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
    libraries: ['libasan.so', 'libubsan.so'],
    options: (logs) => ({
      ASAN_OPTIONS: `detect_leaks=1:detect_stack_use_after_return=1:handle_abort=1:log_path=${join(logs, 'address')}`,
      // UBSan writes its findings to stderr even with log_path, so it aborts, and ASan reports the abort in its log.
      UBSAN_OPTIONS: `print_stacktrace=1:abort_on_error=1:log_path=${join(logs, 'address')}`,
      // A process with a leak does not fail, because the leak may be one of Node.
      LSAN_OPTIONS: `exitcode=0:suppressions=${KNOWN_LEAKS}:print_suppressions=0`,
    }),
    faults: ['overflow', 'useAfterFree', 'undefined', 'leak'],
  },
  /** Data races. Node is not instrumented, so its own races are ignored. */
  thread: {
    flags: ['-fsanitize=thread'],
    libraries: ['libtsan.so'],
    options: (logs) => ({
      TSAN_OPTIONS: `ignore_noninstrumented_modules=1:second_deadlock_stack=1:atexit_sleep_ms=0:log_path=${join(logs, 'thread')}`,
    }),
    faults: ['race'],
  },
};

/** The environment of a process that can load an addon with this sanitizer, which must be there before the addon. */
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
