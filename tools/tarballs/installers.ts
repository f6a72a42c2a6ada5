import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPrograms, PROGRAMS } from './programs.ts';

/** A package manager of users. */
export interface Installer {
  /** With its version. */
  readonly name: string;
  /** What brings packages from tarballs into `project`, without asking a registry. */
  readonly prepare: (project: string, tarballs: Readonly<Record<string, string>>) => void;
  readonly command: (tarballs: readonly string[]) => readonly [file: string, ...args: string[]];
}

/** Installs the installers, which takes no time when they are there. */
export function installInstallers(): Installer[] {
  installPrograms();
  return [npm('npm11', ['--ignore-scripts']), npm('npm12', []), pnpm()];
}

/** From 12 on, npm itself runs no script that nobody has allowed. */
function npm(alias: string, flags: readonly string[]): Installer {
  const program = join(PROGRAMS, alias, 'bin/npm-cli.js');
  return {
    name: `npm ${versionOf(alias)}`,
    prepare: (project) => writeJson(join(project, 'package.json'), { private: true }),
    command: (tarballs) => ['node', program, 'install', '--offline', '--no-audit', '--no-fund', ...flags, ...tarballs],
  };
}

/** It fails where a package has a script that nobody has allowed. */
function pnpm(): Installer {
  const name = `@pnpm/exe.linux-${process.arch}`;
  return {
    name: `pnpm ${versionOf(name)}`,
    prepare: (project, tarballs) => {
      const files = Object.entries(tarballs).map(([key, path]) => [key, `file:${path}`]);
      writeJson(join(project, 'package.json'), { private: true, dependencies: Object.fromEntries(files) });
      // Else it would ask the registry for what one tarball needs of another.
      const overrides = files.map(([key, path]) => `  '${key}': ${path}\n`).join('');
      writeFileSync(join(project, 'pnpm-workspace.yaml'), `overrides:\n${overrides}`);
    },
    command: () => [join(PROGRAMS, name, 'pnpm'), 'install', '--offline'],
  };
}

function versionOf(alias: string): string {
  return (JSON.parse(readFileSync(join(PROGRAMS, alias, 'package.json'), 'utf8')) as { version: string }).version;
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}
