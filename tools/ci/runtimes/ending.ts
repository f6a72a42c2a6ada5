import { type ExecFileOptions, execFile } from 'node:child_process';

const MAX_OUTPUT_BYTES = 64 << 20;

/** How a process ended, and what it printed. */
export interface Ending {
  readonly stdout: string;
  readonly stderr: string;
  /** Why the process failed, if it did: an exit code, a signal, or a time-out. */
  readonly fault: string | undefined;
}

/** Runs a program to its end, without input. */
export function runToEnd(
  file: string,
  args: readonly string[],
  options: ExecFileOptions & { readonly timeout: number },
): Promise<Ending> {
  return new Promise((resolve) => {
    const limits = { killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' } as const;
    const child = execFile(file, args, { ...options, ...limits }, (error, stdout, stderr) => {
      const late = `no end after ${options.timeout / 1000} s`;
      const fault = error?.killed ? late : (error?.signal ?? (error && `exit code ${error.code}`));
      resolve({ stdout, stderr, fault: fault ?? undefined });
    });
    child.stdin?.end();
  });
}
