import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Child } from '../child.ts';
import { NODE_PREFIX } from '../compile.ts';
import { NPM_EPOLL_VERSION } from '../npm-epoll.ts';
import { PROGRAMS } from '../programs.ts';
import type { Contestant, Figures, Question } from '../question.ts';
import { HAS_PREBUILDS, packNpmEpoll, packOurs } from '../tarballs.ts';

/** The names of contestants are fixed, so this one is chosen when the program starts. */
const SYS = HAS_PREBUILDS ? '@em/sys' : `@em/sys, with the addon for ${process.arch} only`;

export const install: Question = {
  name: 'install',
  title: 'From `npm install` to the first event',
  cases: [
    {
      title: 'in an empty folder, from tarballs',
      operation: 'installation',
      metrics: ['wallNs', 'programNs', 'diskBytes'],
      contestants: [
        installed(SYS, 'first-event-sys', (folder) => packOurs(['@em/core', '@em/sys'], folder)),
        installed('@em/core', 'first-event-core', (folder) => packOurs(['@em/core'], folder)),
        installed(`npm epoll ${NPM_EPOLL_VERSION}`, 'first-event-npm-epoll', packNpmEpoll),
      ],
    },
  ],
  effort: ({ rounds }) => ({ rounds: Math.ceil(rounds / 4), roundMs: 0, warmUpMs: 0 }),
};

/** Installs these tarballs, in a new folder per round, and runs a program there until it reports an event. */
function installed(name: string, program: string, pack: (folder: string) => Promise<string[]>): Contestant {
  return {
    name,
    async start() {
      const folder = await mkdtemp(join(tmpdir(), 'em-bench-'));
      const stop = (): Promise<void> => rm(folder, { recursive: true });
      try {
        const tarballs = await pack(folder);
        return { round: () => installAndRun(folder, tarballs, program), stop };
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

async function installAndRun(folder: string, tarballs: readonly string[], program: string): Promise<Figures> {
  const project = await mkdtemp(join(folder, 'project-'));
  const main = join(project, 'main.mjs');
  await copyFile(join(PROGRAMS, `${program}.mjs`), main);
  // From npm 12 on, only these packages may run scripts.
  const allowScripts = Object.fromEntries(tarballs.map((tarball) => [`file:${tarball}`, true]));
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, allowScripts }));

  const start = process.hrtime.bigint();
  await promisify(execFile)('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], {
    cwd: project,
    env: environment(folder),
  });
  const isInstalled = process.hrtime.bigint();
  const { child } = await Child.start([process.execPath, main]);
  const end = process.hrtime.bigint();
  await child.stop('SIGKILL', 0);

  const diskBytes = await bytesIn(join(project, 'node_modules'));
  return { wallNs: Number(end - start), programNs: Number(end - isInstalled), diskBytes };
}

/** Nothing is downloaded: npm has its own cache here, and the headers of Node for compiling. */
function environment(folder: string): NodeJS.ProcessEnv {
  const { HOME, PATH } = process.env;
  return {
    HOME,
    PATH: dirname(process.execPath) + delimiter + PATH,
    npm_config_cache: join(folder, 'cache'),
    npm_config_nodedir: NODE_PREFIX,
  };
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
