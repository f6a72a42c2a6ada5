import type { ChildProcess } from 'node:child_process';
import { checkOptions, invalidType } from '@em/core/check';
import { deviceError } from '../device/device-error.js';
import { fs } from '../host/builtins.js';

/** Options of {@link Pty.spawn}. */
export interface PtySpawnOptions {
  /** The working directory. Defaults to that of this process. */
  readonly cwd?: string | URL | undefined;
  /** The environment. Defaults to that of this process. Programs look up what the terminal can do by `TERM`. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /**
   * The path of the POSIX shell that makes the pty the controlling terminal, and then becomes the program. Set it where
   * there is no `/bin/sh`, for example `'/busybox/sh'` in a distroless image. Defaults to `'/bin/sh'`.
   */
  readonly shell?: string | undefined;
}

/**
 * The first terminal that a session leader opens becomes its controlling terminal. So the child opens it, and then
 * becomes the program.
 */
const SCRIPT = 'exec 0<>"$1" 1>&0 2>&0; shift; exec "$@"';

/**
 * Starts a program whose terminal is the file `terminal`.
 *
 * @param onError - Is called if it cannot be started.
 */
export function spawnIn(
  terminal: string,
  command: string,
  args: readonly string[],
  options: PtySpawnOptions,
  onError: (error: unknown) => void,
): ChildProcess {
  const { cwd, env, shell = '/bin/sh' } = checkOptions('options', options, ['cwd', 'env', 'shell']);
  if (typeof command !== 'string') {
    throw invalidType('command', 'a string', command);
  }
  if (!Array.isArray(args)) {
    throw invalidType('args', 'an array of strings', args);
  }
  if (typeof shell !== 'string') {
    throw invalidType('options.shell', 'a string', shell);
  }
  // Not imported: it loads the streams, which a program without children does not need.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(shell, ['-c', SCRIPT, shell, terminal, command, ...args], {
    cwd,
    env,
    stdio: 'ignore',
    // setsid(2): it becomes the leader of a new session.
    detached: true,
  });
  child.on('error', (error) => {
    // After it has started, 'exit' follows.
    if (child.pid === undefined) {
      onError(deviceError(error, `start ${command} in`, terminal, reasonOf(cwd, shell)));
    }
  });
  return child;
}

/** Says what is missing. The error of Node always names the shell. */
function reasonOf(cwd: string | URL | undefined, shell: string): string {
  if (cwd !== undefined && !fs.existsSync(cwd)) {
    return `; the working directory ${cwd} does not exist`;
  }
  return fs.existsSync(shell)
    ? ''
    : `; a shell opens the terminal for the program, and ${shell} does not exist: name another shell by "options.shell"`;
}
