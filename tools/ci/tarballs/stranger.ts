import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installer } from './installers.ts';

/** What the scripts that pnpm puts in the place of commands need; behind them, what recipes do. */
const COMMANDS = [
  ...['/bin/sh', '/usr/bin/dirname', '/usr/bin/env', '/usr/bin/sed', '/usr/bin/uname'],
  ...['/usr/bin/mkfifo', '/usr/bin/sleep'],
];
const LIMIT_MS = 60_000;

/**
 * A user who has nothing but a runtime: an empty home, empty folders, and on PATH neither a compiler nor make nor Python.
 */
export class Stranger implements Disposable {
  readonly #folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'em-stranger-')));

  /** A new folder, with packages installed in it. */
  async install(installer: Installer, tarballs: Readonly<Record<string, string>>): Promise<string> {
    const project = mkdtempSync(join(this.#folder, 'project-'));
    installer.prepare(project, tarballs);
    const [file, ...args] = installer.install(Object.values(tarballs));
    await this.run(file, args, project, process.execPath);
    return project;
  }

  /**
   * Runs a program to its end, which must be a good one, and returns what it wrote to stdout.
   *
   * @param node - What it finds under this name.
   */
  async run(file: string, args: readonly string[], cwd: string, node: string): Promise<string> {
    const options = { cwd, env: this.environment(node), timeout: LIMIT_MS };
    const { stdout } = await promisify(execFile)(file, args, options);
    return stdout;
  }

  /** The environment of a process that finds `node` under this name. */
  environment(node: string): { HOME: string; PATH: string; NO_COLOR: string } {
    const bin = join(this.#folder, `bin-${node.replaceAll('/', '-')}`);
    if (mkdirSync(bin, { recursive: true }) !== undefined) {
      for (const command of COMMANDS) {
        symlinkSync(command, join(bin, command.slice(command.lastIndexOf('/') + 1)));
      }
      symlinkSync(node, join(bin, 'node'));
    }
    return { HOME: this.#folder, PATH: bin, NO_COLOR: '1' };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
