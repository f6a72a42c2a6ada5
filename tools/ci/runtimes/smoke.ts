import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestFile } from '../../test-report.ts';
import { runToEnd } from './ending.ts';
import type { Runtime } from './runtimes.ts';
import { readTap } from './tap.ts';

const PACKAGES = join(import.meta.dirname, '../../../packages');
const SYS = join(PACKAGES, 'sys');
const LIMIT_MS = 60_000;

/** What it consists of, each a file of `test/smoke`. */
const FILES = ['loading', 'fds', 'contract', 'run', 'workers'] as const;

type SmokeFile = (typeof FILES)[number];

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

/** Puts the packages into a folder, as they are built here. */
export function copyBuilt(folder: string): void {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  for (const path of BUILT) {
    cpSync(join(PACKAGES, path), join(folder, 'node_modules/@em', path), { recursive: true });
  }
}

/** The smoke suite of `@em/sys`, in a folder where there are the packages, and nothing else. */
export class SmokeSuite {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    cpSync(join(SYS, 'test/programs'), join(folder, 'programs'), { recursive: true });
    const entries = [...FILES, 'worker'].map((name) => `test/smoke/${name}.ts`);
    const external = ['core', 'sys', 'testing'].flatMap((name) => ['--external', `@em/${name}`]);
    const options = ['--format', 'esm', '--target', 'node20.19', '--no-splitting', '--silent', ...external];
    execFileSync(join(SYS, 'node_modules/.bin/tsup'), [...entries, ...options, '--out-dir', join(folder, 'smoke')], {
      cwd: SYS,
      stdio: 'inherit',
    });
  }

  /** Runs it, each file in a process of its own. What this was started with is none of their business. */
  async run(
    { name, version, executable, options }: Runtime,
    parts: readonly SmokeFile[] = FILES,
  ): Promise<{ files: TestFile[]; output: string }> {
    const { HOME, PATH } = process.env;
    const env = { HOME, PATH, NO_COLOR: '1', EM_RUNTIME: `${name} ${version}` };
    const files: TestFile[] = [];
    let output = '';
    for (const part of parts) {
      const args = [...options, join('smoke', `${part}.js`)];
      const { stdout, stderr, fault } = await runToEnd(executable, args, { cwd: this.#folder, env, timeout: LIMIT_MS });
      files.push(readTap(stdout, fault));
      output += stdout + stderr;
    }
    return { files, output };
  }
}
