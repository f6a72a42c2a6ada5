import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CannotRun } from './question.ts';

const require = createRequire(import.meta.url);
const run = promisify(execFile);

/** Packs packages of this repository as for publishing. */
export function packOurs(names: readonly string[], folder: string): Promise<string[]> {
  return Promise.all(
    names.map(async (name) => {
      const cwd = dirname(require.resolve(`${name}/package.json`));
      const stdout = await output('pnpm', ['--silent', 'pack', '--json', '--pack-destination', folder], cwd);
      return (JSON.parse(stdout) as { filename: string }).filename;
    }),
  );
}

/** Packs npm's `epoll` and its dependencies, which pnpm has installed, into tarballs again. */
export async function packNpmEpoll(folder: string): Promise<string[]> {
  // pnpm puts the dependencies of a package beside it.
  const epoll = await realpath(dirname(require.resolve('epoll/package.json')));
  const bindings = await realpath(join(epoll, '../bindings'));
  const packages = [epoll, bindings, join(epoll, '../nan'), join(bindings, '../file-uri-to-path')];
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
