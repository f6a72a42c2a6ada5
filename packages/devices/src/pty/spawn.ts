import type { ChildProcess } from 'node:child_process';
import { checkOptions, invalidType } from '@em/core/check';

/** Options of {@link Pty.spawn}. */
export interface PtySpawnOptions {
  /** The working directory. Defaults to that of this process. */
  readonly cwd?: string | URL | undefined;
  /** The environment. Defaults to that of this process. Programs look up what the terminal can do by `TERM`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const SHELL = '/bin/sh';
/**
 * The first terminal that a session leader opens becomes its controlling terminal. So the child opens it, and then
 * becomes the program.
 */
const SCRIPT = 'exec 0<>"$1" 1>&0 2>&0; shift; exec "$@"';

/** Starts a program whose terminal is the file `terminal`. */
export function spawnIn(
  terminal: string,
  command: string,
  args: readonly string[],
  options: PtySpawnOptions,
): ChildProcess {
  const { cwd, env } = checkOptions('options', options, ['cwd', 'env']);
  if (typeof command !== 'string') {
    throw invalidType('command', 'a string', command);
  }
  if (!Array.isArray(args)) {
    throw invalidType('args', 'an array of strings', args);
  }
  // Not imported: it loads the streams, which a program without children does not need.
  const { spawn } = process.getBuiltinModule('node:child_process');
  return spawn(SHELL, ['-c', SCRIPT, SHELL, terminal, command, ...args], {
    cwd,
    env,
    stdio: 'ignore',
    // setsid(2): it becomes the leader of a new session.
    detached: true,
  });
}
