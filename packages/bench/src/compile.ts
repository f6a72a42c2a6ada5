import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CannotRun } from './question.ts';

/** The folder of the bench. */
export const PACKAGE: string = dirname(import.meta.dirname);
const NATIVE = join(PACKAGE, 'native');
const HEADERS = ['contestant.h', 'loop.h'];
const COMPILER = process.env['CXX'] ?? 'g++';
const FLAGS = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-Werror', '-pthread'];

/** The folder of everything that is built here. */
export const BUILD: string = join(PACKAGE, 'build');

/** The folder of the Node that runs this, and of its headers. */
export const NODE_PREFIX: string = dirname(dirname(process.execPath));

/** The compiler and its version, or `undefined` if there is no compiler. */
export function compilerVersion(): string | undefined {
  const { status, stdout } = spawnSync(COMPILER, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n', 1)[0] : undefined;
}

/** Compiles `native/NAME.cc`, unless that is done already. Returns the path of the program. */
export function compileProgram(name: string): Promise<string> {
  return compile(name, []);
}

/** Compiles `native/NAME.cc` as an addon for the Node that runs this. Returns its path. */
export function compileAddon(name: string): Promise<string> {
  const headers = join(NODE_PREFIX, 'include/node');
  if (!existsSync(join(headers, 'node_api.h'))) {
    throw new CannotRun(`Node's headers are not in ${headers}`);
  }
  return compile(name, ['-shared', '-fPIC', `-I${headers}`], '.node');
}

/** The programs that this process compiles, or has compiled, by their paths. */
const compiled = new Map<string, Promise<void>>();

async function compile(name: string, flags: readonly string[], extension = ''): Promise<string> {
  const version = compilerVersion();
  if (version === undefined) {
    throw new CannotRun(`there is no ${COMPILER} to compile it`);
  }
  const source = join(NATIVE, `${name}.cc`);
  const hash = createHash('sha256').update(JSON.stringify([version, FLAGS, flags]));
  for (const file of [source, ...HEADERS.map((header) => join(NATIVE, header))]) {
    hash.update(await readFile(file));
  }
  const target = join(BUILD, 'native', `${name}-${hash.digest('hex').slice(0, 12)}${extension}`);
  let done = compiled.get(target);
  if (done === undefined) {
    done = existsSync(target) ? Promise.resolve() : runCompiler(source, flags, target);
    compiled.set(target, done);
  }
  await done;
  return target;
}

async function runCompiler(source: string, flags: readonly string[], target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  // Under another name until it is complete, so that another run at the same time finds all of it or nothing.
  const half = `${target}.${process.pid}`;
  await promisify(execFile)(COMPILER, [...FLAGS, ...flags, '-o', half, source]);
  await rename(half, target);
}
