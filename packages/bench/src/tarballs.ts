import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { CannotRun } from './question.ts';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

const SYS = dirname(require.resolve('@em/sys/package.json'));

/** Whether the addon was built for both architectures, which needs the compilers for both. */
export const HAS_PREBUILDS: boolean = ['x64', 'arm64'].every((arch) =>
  existsSync(join(SYS, `prebuilds/linux-${arch}.node`)),
);

/** Packs packages of this repository as for publishing. Without the prebuilt addons, `@em/sys` gets that of this machine. */
export function packOurs(names: readonly string[], folder: string): Promise<string[]> {
  return Promise.all(
    names.map(async (name) => {
      if (name === '@em/sys' && !HAS_PREBUILDS) {
        return packSysForHere(folder);
      }
      const cwd = dirname(require.resolve(`${name}/package.json`));
      const stdout = await output('pnpm', ['--silent', 'pack', '--json', '--pack-destination', folder], cwd);
      return (JSON.parse(stdout) as { filename: string }).filename;
    }),
  );
}

/** Packs a copy of `@em/sys` that has the addon in place of the prebuilt ones. */
async function packSysForHere(folder: string): Promise<string> {
  const copy = join(folder, 'em-sys');
  const isOmitted = (path: string): boolean => /^(node_modules|test|build|native\/build)$/.test(relative(SYS, path));
  await cp(SYS, copy, { recursive: true, filter: (path) => !isOmitted(path) });
  const { scripts, devDependencies, ...manifest } = await manifestOf(SYS);
  const { version } = await manifestOf(dirname(require.resolve('@em/core/package.json')));
  const dependencies = { '@em/core': `^${version}` };
  await writeFile(join(copy, 'package.json'), JSON.stringify({ ...manifest, dependencies }));
  await mkdir(join(copy, 'prebuilds'), { recursive: true });
  await cp(join(SYS, 'native/build/Release/em_sys.node'), join(copy, `prebuilds/linux-${process.arch}.node`));
  const [tarball] = await npmPack([copy], folder);
  return tarball ?? '';
}

async function manifestOf(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
}

/** Packs npm's `epoll` and its dependencies, which pnpm has installed, into tarballs again. */
export async function packNpmEpoll(folder: string): Promise<string[]> {
  // pnpm puts the dependencies of a package beside it.
  const epoll = await realpath(dirname(require.resolve('epoll/package.json')));
  const bindings = await realpath(join(epoll, '../bindings'));
  const packages = [epoll, bindings, join(epoll, '../nan'), join(bindings, '../file-uri-to-path')];
  return npmPack(packages, folder);
}

async function npmPack(packages: readonly string[], folder: string): Promise<string[]> {
  const stdout = await output('npm', ['pack', '--json', '--silent', '--ignore-scripts', ...packages], folder);
  return (JSON.parse(stdout) as readonly { filename: string }[]).map(({ filename }) => join(folder, filename));
}

async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await run(command, args, { cwd })).stdout;
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).trim();
    throw new CannotRun(`${command} cannot pack it: ${said.split('\n').at(-1)}`, { cause: error });
  }
}
