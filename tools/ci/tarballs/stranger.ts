import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installer } from './installers.ts';

/** The commands that the scripts of pnpm need, and those that recipes need. */
const COMMANDS = [
  ...['/bin/sh', '/usr/bin/dirname', '/usr/bin/env', '/usr/bin/sed', '/usr/bin/uname'],
  ...['/usr/bin/mkfifo', '/usr/bin/seq', '/usr/bin/sleep'],
];
const LIMIT_MS = 60_000;

/**
 * A user who has only a runtime: an empty home, empty folders, and no compiler, make or Python on PATH.
 */
export class Stranger implements Disposable {
  readonly #folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'em-stranger-')));

  /** Makes a new folder, and returns its path. */
  folder(name: string): string {
    return mkdtempSync(join(this.#folder, `${name}-`));
  }

  /** Makes a new folder, and installs packages in it. */
  async install(installer: Installer, tarballs: Readonly<Record<string, string>>): Promise<string> {
    const project = this.folder('project');
    installer.prepare(project, tarballs);
    const [file, ...args] = installer.install(Object.values(tarballs));
    await this.run(file, args, project, process.execPath);
    return project;
  }

  /**
   * Runs a program to its end, and returns what it wrote to stdout.
   *
   * @param node - The `node` on its PATH.
   * @throws If the program fails.
   */
  async run(file: string, args: readonly string[], cwd: string, node: string): Promise<string> {
    const options = { cwd, env: this.environment(node), timeout: LIMIT_MS };
    const { stdout } = await promisify(execFile)(file, args, options);
    return stdout;
  }

  /** The environment of a process that has `node` on its PATH. */
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
