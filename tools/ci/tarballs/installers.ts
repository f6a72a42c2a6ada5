import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPrograms, PROGRAMS } from './programs.ts';

/** A package manager that users may have. */
export interface Installer {
  /** Its name and version. */
  readonly name: string;
  /** The command that installs packages from tarballs, without a request to a registry. */
  readonly prepare: (project: string, tarballs: Readonly<Record<string, string>>) => void;
  readonly install: (tarballs: readonly string[]) => Command;
  /** The command that runs the doctor of the installed `@em/sys`, with the Node on PATH. */
  readonly doctor: Command;
}

type Command = readonly [file: string, ...args: string[]];

/** Installs the installers. Fast if they are installed already. */
export function installInstallers(): [Installer, Installer, Installer] {
  installPrograms();
  return [npm('npm11', ['--ignore-scripts']), npm('npm12', []), pnpm()];
}

/** From 12 on, npm itself runs only the scripts that the user allowed. */
function npm(alias: string, flags: readonly string[]): Installer {
  const program = (name: string): string => join(PROGRAMS, alias, `bin/${name}-cli.js`);
  return {
    name: `npm ${versionOf(alias)}`,
    prepare: (project) => writeJson(join(project, 'package.json'), { private: true }),
    install: (tarballs) => {
      const quiet = ['--offline', '--no-audit', '--no-fund'];
      return [process.execPath, program('npm'), 'install', ...quiet, ...flags, ...tarballs];
    },
    doctor: [process.execPath, program('npx'), '--offline', '@em/sys', 'doctor'],
  };
}

/** It fails where a package has a script that the user did not allow. */
function pnpm(): Installer {
  const name = `@pnpm/exe.linux-${process.arch}`;
  const program = join(PROGRAMS, name, 'pnpm');
  return {
    name: `pnpm ${versionOf(name)}`,
    prepare: (project, tarballs) => {
      const files = Object.entries(tarballs).map(([key, path]) => [key, `file:${path}`]);
      writeJson(join(project, 'package.json'), { private: true, dependencies: Object.fromEntries(files) });
      // Otherwise it would ask the registry for the packages that a tarball depends on.
      const overrides = files.map(([key, path]) => `  '${key}': ${path}\n`).join('');
      writeFileSync(join(project, 'pnpm-workspace.yaml'), `overrides:\n${overrides}`);
    },
    install: () => [program, 'install', '--offline'],
    doctor: [program, 'exec', 'em-sys', 'doctor'],
  };
}

function versionOf(alias: string): string {
  return (JSON.parse(readFileSync(join(PROGRAMS, alias, 'package.json'), 'utf8')) as { version: string }).version;
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}
