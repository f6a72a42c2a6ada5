import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const packages = join(import.meta.dirname, '../../..');

/** A folder in which programs can import the packages, and koffi, by name. */
export class ProgramFolder {
  readonly #path: string = mkdtempSync(join(tmpdir(), 'em-programs-'));

  constructor() {
    mkdirSync(join(this.#path, 'node_modules/@em'), { recursive: true });
    for (const name of ['core', 'sys', 'testing']) {
      symlinkSync(join(packages, name), join(this.#path, 'node_modules/@em', name));
    }
    symlinkSync(join(packages, '../node_modules/koffi'), join(this.#path, 'node_modules/koffi'));
  }

  /** Runs a program in TypeScript with `input` on its stdin, and returns what it prints. */
  run(code: string, input: string = ''): string {
    const program = join(this.#path, 'program.mts');
    writeFileSync(program, code);
    const options = { input, encoding: 'utf8', timeout: 30_000 } as const;
    return execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', program], options);
  }

  remove(): void {
    rmSync(this.#path, { recursive: true });
  }
}
