import { execFile } from 'node:child_process';
import { readdir, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildNpmEpoll, NPM_EPOLL_VERSION } from '../npm-epoll.ts';
import type { Contestant, Question } from '../question.ts';

const require = createRequire(import.meta.url);

export const size: Question = {
  name: 'size',
  title: 'What is installed',
  cases: [
    {
      title: 'files unpacked, dependencies and what the installation builds included',
      operation: 'an installation',
      metrics: ['diskBytes'],
      contestants: [
        installed('@em/core', () => packed('@em/core')),
        installed('@em/sys', () => packed('@em/core', '@em/sys')),
        installed(`npm epoll ${NPM_EPOLL_VERSION}`, npmEpoll),
      ],
    },
  ],
  effort: () => ({ rounds: 1, roundMs: 0, warmUpMs: 0 }),
};

function installed(name: string, diskBytes: () => Promise<number>): Contestant {
  const running = { round: async () => ({ diskBytes: await diskBytes() }), stop: () => Promise.resolve() };
  return { name, start: () => Promise.resolve(running) };
}

/** What the tarballs of packages of this repository unpack to. */
async function packed(...names: string[]): Promise<number> {
  const folders = names.map((name) => dirname(require.resolve(`${name}/package.json`)));
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--silent', ...folders]);
  const tarballs = JSON.parse(stdout) as readonly { readonly unpackedSize: number }[];
  return tarballs.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0);
}

/** With `nan`, which lies in its folder here, and what the compiler has left there. */
async function npmEpoll(): Promise<number> {
  const epoll = dirname(dirname(dirname(await buildNpmEpoll())));
  const bindings = await realpath(join(await realpath(dirname(require.resolve('epoll/package.json'))), '../bindings'));
  const fileUri = await realpath(join(bindings, '../file-uri-to-path'));
  const sizes = await Promise.all([epoll, bindings, fileUri].map(bytesIn));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
