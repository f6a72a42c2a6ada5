import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../../', import.meta.url));
const addon = join(packages, 'sys/native/build/Release/em_sys.node');

/** A folder with the built packages as they are after an install, but without the addon. */
export class InstalledCopy implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'em-installed-'));
  readonly #modules = join(this.folder, 'node_modules/@em');

  constructor() {
    for (const path of ['core/dist', 'core/package.json', 'sys/dist', 'sys/package.json']) {
      cpSync(join(packages, path), join(this.#modules, path), { recursive: true });
    }
  }

  /** Puts a file where the package looks for its addon. Defaults to the addon. */
  putAddon(place: string, file: string = addon): void {
    const target = join(this.#modules, 'sys', place);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }

  /** Runs `em-sys doctor`. */
  doctor(flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): { status: number; output: string } {
    return this.node([...flags, 'node_modules/@em/sys/dist/em-sys.js', 'doctor'], env);
  }

  node(args: readonly string[], env: NodeJS.ProcessEnv = {}): { status: number; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: this.folder, env, encoding: 'utf8' });
    return { status: status ?? -1, output: stdout + stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
