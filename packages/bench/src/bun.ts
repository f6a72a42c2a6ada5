import { execFileSync } from 'node:child_process';
import { CannotRun } from './question.ts';

/** The Bun that `EM_BENCH_BUN` names, or else the one in the PATH. */
const COMMAND = process.env['EM_BENCH_BUN'] ?? 'bun';

/** Its version, or `undefined` if it is not installed. */
export const BUN_VERSION: string | undefined = version();

/** @throws CannotRun if it is not installed. */
export function bun(): string {
  if (BUN_VERSION === undefined) {
    throw new CannotRun(
      'there is no bun in the PATH, EM_BENCH_BUN names none, and `pnpm test:runtimes bun` has not fetched one',
    );
  }
  return COMMAND;
}

function version(): string | undefined {
  try {
    return execFileSync(COMMAND, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
