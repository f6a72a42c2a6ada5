import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const NATIVE = join(import.meta.dirname, '../../../packages/sys/native');

const run = promisify(execFile);

/** The part of `binding.gyp` that is used here. */
interface Target {
  readonly sources: readonly string[];
  readonly defines: readonly string[];
  readonly cflags_cc: readonly string[];
}

/** Compiles C++ for Node with other flags than node-gyp, in another folder. */
export class Compiler {
  readonly #command: string;
  readonly #flags: readonly string[];
  readonly #folder: string;

  constructor(command: string, flags: readonly string[], folder: string) {
    this.#command = command;
    this.#flags = flags;
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /**
   * The addon, with the options of `binding.gyp`, but not those for the linker, which would leave out the sanitizer.
   */
  addon(): Promise<string> {
    const { sources, defines, cflags_cc: flags } = target();
    const definitions = defines.map((define) => `-D${define}`);
    const paths = sources.map((source) => join(NATIVE, source));
    return this.shared('em_sys', paths, [...flags, ...definitions, '-DNODE_GYP_MODULE_NAME=em_sys']);
  }

  /** Any other addon. */
  async shared(name: string, sources: readonly string[], flags: readonly string[]): Promise<string> {
    const objects: string[] = [];
    const left = [...sources];
    const work = async (): Promise<void> => {
      for (let source = left.pop(); source !== undefined; source = left.pop()) {
        objects.push(await this.#compile(source, flags));
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, work));
    const path = join(this.#folder, `${name}.node`);
    await run(this.#command, [...this.#flags, '-shared', '-o', path, ...objects.sort()]);
    return path;
  }

  async #compile(source: string, flags: readonly string[]): Promise<string> {
    const object = join(this.#folder, `${basename(source)}.o`);
    // If two flags contradict each other, the last one wins.
    const own = ['-fPIC', '-O1', '-g', '-fno-omit-frame-pointer', ...this.#flags];
    const included = [nodeHeaders(), nodeAddonApi()].flatMap((folder) => ['-isystem', folder]);
    await run(this.#command, ['-std=c++20', ...flags, ...own, ...included, '-c', source, '-o', object]);
    return object;
  }
}

function target(): Target {
  const text = readFileSync(join(NATIVE, 'binding.gyp'), 'utf8');
  // A gyp file is JSON with comments and trailing commas.
  const json = text.replace(/^\s*#.*$/gm, '').replace(/,(?=\s*[\]}])/g, '');
  return (JSON.parse(json) as { targets: [Target] }).targets[0];
}

function nodeHeaders(): string {
  const folder = join(dirname(dirname(realpathSync(process.execPath))), 'include/node');
  if (!existsSync(join(folder, 'node_api.h'))) {
    throw new Error(`${process.execPath} has no headers; use the one that pnpm installs`);
  }
  return folder;
}

function nodeAddonApi(): string {
  return dirname(createRequire(join(NATIVE, 'binding.gyp')).resolve('node-addon-api/package.json'));
}
