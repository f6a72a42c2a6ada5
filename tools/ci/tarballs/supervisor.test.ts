// Runs examples/supervisor with the packed packages, on every version of Node: its tests in virtual time, and the daemon.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { installRuntimes } from '../runtimes/runtimes.ts';
import { installInstallers } from './installers.ts';
import { choose } from './package-sets.ts';
import { labelled, ResultTable } from './result-table.ts';
import { Stranger } from './stranger.ts';

const root = join(import.meta.dirname, '../../..');
/** Node 20 runs no TypeScript. */
const runtimes = labelled(installRuntimes().filter(({ name, version }) => name === 'node' && !/^20\./.test(version)));
const table = new ResultTable();
const stranger = new Stranger();
const [npm] = installInstallers();
let project: string;

beforeAll(async () => {
  project = stranger.folder('supervisor');
  cpSync(join(root, 'examples/supervisor'), project, { recursive: true });
  const [file, ...args] = npm.install(
    Object.values(choose(inject('tarballs'), ['@em/core', '@em/sys', '@em/testing'])),
  );
  await stranger.run(file, args, project, process.execPath);
});

afterAll(() => {
  console.log(table.format());
  stranger[Symbol.dispose]();
});

test.each(runtimes)('the tests of the supervisor pass under node:test on %s', async (label, { executable }) => {
  await table.record('node:test', npm.name, label, async () => {
    const printed = await stranger.run(executable, ['--test', '--test-reporter=tap'], project, executable);
    expect(printed).toMatch(/# pass 7\n# fail 0\n/);
  });
});

test.each(runtimes)('the tests of the supervisor pass under vitest on %s', async (label, { executable }) => {
  await table.record('vitest', npm.name, label, async () => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const printed = await stranger.run(executable, [vitest, 'run', '--root', project], project, executable);
    expect(printed).toMatch(/Tests +7 passed/);
  });
});

test.each(runtimes)(
  'the supervisor starts a killed service again, and ends all on %s',
  async (label, { executable }) => {
    await table.record('daemon', npm.name, label, async () => {
      const daemon = spawn(executable, ['main.ts', 'web', 'mail'], {
        cwd: project,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const ended = new AbortController();
        daemon.once('exit', () => ended.abort());
        let printed = '';
        const isPrinted = async (pattern: RegExp): Promise<void> => {
          while (!pattern.test(printed)) {
            const [chunk] = (await once(daemon.stdout, 'data', { signal: ended.signal })) as [Buffer];
            printed += chunk;
          }
        };
        await isPrinted(/^web is \d+\n/m);
        await isPrinted(/^mail is \d+\n/m);
        process.kill(Number(/^web is (\d+)$/m.exec(printed)?.[1]), 'SIGKILL');
        await isPrinted(/^web: SIGKILL\nweb is \d+\n/m);
        daemon.kill();
        const [exitCode] = (await once(daemon, 'exit')) as [number | null];
        expect(exitCode).toBe(0);
      } finally {
        daemon.kill('SIGKILL');
      }
    });
  },
);
