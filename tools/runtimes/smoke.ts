import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestFile } from '../test-report.ts';
import { runToEnd } from './ending.ts';
import type { Runtime } from './runtimes.ts';
import { readTap } from './tap.ts';

const PACKAGES = join(import.meta.dirname, '../../packages');
const SYS = join(PACKAGES, 'sys');
const FILES = ['loading', 'fds', 'contract', 'run', 'workers'];
const LIMIT_MS = 60_000;

/** What of the built packages is run, once they are installed. */
const BUILT = [
  'core/package.json',
  'core/dist',
  'sys/package.json',
  'sys/dist',
  'sys/native/build/Release/em_sys.node',
  'testing/package.json',
  'testing/dist',
];

/** The smoke suite of `@em/sys` beside the built packages, in a folder where there is nothing else. */
export class SmokeSuite implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'em-runtimes-'));

  constructor() {
    writeFileSync(join(this.#folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    for (const path of BUILT) {
      cpSync(join(PACKAGES, path), join(this.#folder, 'node_modules/@em', path), { recursive: true });
    }
    cpSync(join(SYS, 'test/programs'), join(this.#folder, 'programs'), { recursive: true });
    const entries = [...FILES, 'worker'].map((name) => `test/smoke/${name}.ts`);
    const external = ['core', 'sys', 'testing'].flatMap((name) => ['--external', `@em/${name}`]);
    const options = ['--format', 'esm', '--target', 'node20.19', '--no-splitting', '--silent', ...external];
    const outDir = join(this.#folder, 'smoke');
    execFileSync(join(SYS, 'node_modules/.bin/tsup'), [...entries, ...options, '--out-dir', outDir], {
      cwd: SYS,
      stdio: 'inherit',
    });
  }

  /** Runs it, each file in a process of its own. What this was started with is none of their business. */
  async run({ name, version, executable, options }: Runtime): Promise<{ files: TestFile[]; output: string }> {
    const { HOME, PATH } = process.env;
    const env = { HOME, PATH, NO_COLOR: '1', EM_RUNTIME: `${name} ${version}` };
    const files: TestFile[] = [];
    let output = '';
    for (const file of FILES) {
      const args = [...options, join('smoke', `${file}.js`)];
      const { stdout, stderr, fault } = await runToEnd(executable, args, { cwd: this.#folder, env, timeout: LIMIT_MS });
      files.push(readTap(stdout, fault));
      output += stdout + stderr;
    }
    return { files, output };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
