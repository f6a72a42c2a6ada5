import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = dirname(import.meta.dirname);

const ROOT_FILES = [
  '.dependency-cruiser.js',
  '.gitignore',
  'LICENSE-APACHE',
  'LICENSE-BSD-3-Clause',
  'NOTICE',
  'knip.jsonc',
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'tsconfig.base.json',
  'tsconfig.test.json',
  'turbo.json',
  'vitest.config.ts',
];
const NOT_COPIED = new Set(['.bin', '.turbo', 'build', 'coverage', 'dist', 'test-report.json']);

/**
 * A copy of the sources and manifests of this repository, for tests that break something. Links between workspace
 * packages stay inside the copy; packages from npm are those of the repository. Nothing in it is built.
 */
export class ScratchTree implements Disposable {
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), 'event-manager-')));

  constructor() {
    for (const name of ROOT_FILES) {
      cpSync(join(root, name), join(this.path, name));
    }
    for (const name of ['.github', 'apps', 'examples', 'packages', 'tools']) {
      cpSync(join(root, name), join(this.path, name), {
        recursive: true,
        verbatimSymlinks: true,
        // In tools, node_modules has runtimes and package managers: hundreds of MB.
        filter: (source) =>
          !NOT_COPIED.has(basename(source)) && !(name === 'tools' && basename(source) === 'node_modules'),
      });
    }
    symlinkSync(join(root, 'node_modules'), join(this.path, 'node_modules'));
  }

  read(path: string): string {
    return readFileSync(join(this.path, path), 'utf8');
  }

  /** Writes a file, or replaces it. */
  write(path: string, text: string): void {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Adds a development dependency to a manifest. */
  addDevDependency(manifest: string, name: string, version: string): void {
    const before = JSON.parse(this.read(manifest)) as Manifest;
    const devDependencies = { ...before.devDependencies, [name]: version };
    this.write(manifest, JSON.stringify({ ...before, devDependencies }));
  }

  /** Writes an empty module for each file that the exports of a package name. */
  pretendBuilt(): void {
    for (const manifest of globSync('packages/*/package.json', { cwd: this.path })) {
      const { exports } = JSON.parse(this.read(manifest)) as Manifest;
      for (const target of Object.values(exports ?? {})) {
        for (const file of typeof target === 'string' ? [] : Object.values(target)) {
          this.write(join(dirname(manifest), file), 'export {};\n');
        }
      }
    }
  }

  /** Runs a shell command in the copy, with the tools of the repository. */
  async run(command: string): Promise<{ failed: boolean; stdout: string; output: string }> {
    const { HOME, PATH } = process.env;
    const env = {
      HOME,
      PATH: join(root, 'node_modules/.bin') + delimiter + PATH,
      NO_COLOR: '1',
      DO_NOT_TRACK: '1',
    };
    const child = spawn(command, { cwd: this.path, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { failed: status !== 0, stdout, output: stdout + stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

interface Manifest {
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
