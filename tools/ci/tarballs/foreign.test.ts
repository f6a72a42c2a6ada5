import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Runtime } from '../runtimes/runtimes.ts';
import { bundleSmoke, runSmoke } from '../runtimes/smoke.ts';
import { addConsumer } from './consumer.ts';
import { echoOnce } from './echo-once.ts';
import { emulatedNode } from './emulated-node.ts';
import { installInstallers } from './installers.ts';
import { choose, ECHO_SERVER } from './package-sets.ts';
import { FOREIGN, installForeign } from './programs.ts';
import { Stranger } from './stranger.ts';

const BUN = join(FOREIGN, '@oven/bun-linux-x64-musl/bin/bun');
const OUTPUT = 'supported: true\nIN: 3\nrequire: true\n';

// Only x64 machines emulate others: CI has a real arm64 machine.
describe.skipIf(process.arch !== 'x64')('on other kinds of machines', () => {
  const stranger = new Stranger();
  let project: string;

  beforeAll(async () => {
    installForeign();
    const [npm] = installInstallers();
    const packages = [...ECHO_SERVER, '@em/testing'];
    project = await stranger.install(npm, { ...choose(inject('tarballs'), packages), ...inject('others') });
    addConsumer(project, 'sys');
    bundleSmoke(project);
  });
  afterAll(() => {
    stranger[Symbol.dispose]();
  });

  describe.each([20, 22, 24, 26])('Node %i for arm64, emulated', (line) => {
    let node: Runtime;
    beforeAll(() => {
      node = emulatedNode(line, project);
    });
    const run = (...args: readonly string[]): string => execute([node.executable, ...args]);

    test('@em/sys works', () => {
      expect(run('main.mjs')).toBe(OUTPUT);
    });

    test('the doctor reports that it works, though qemu has no epoll_pwait2', () => {
      const printed = run('node_modules/.bin/em-sys', 'doctor');
      expect(printed).toMatch(/works here\n\nplatform +linux, arm64, glibc\n/);
      expect(printed).toMatch(/addon +\/.*\/prebuilds\/linux-arm64\.node\n/);
      expect(printed).toMatch(/epoll_pwait2 +no: ENOSYS/);
    });

    test('the echo server echoes', async () => {
      const args = [node.executable, 'node_modules/.bin/em-echo-server'];
      expect(await echoOnce(args, { cwd: project })).toEqual({ echoed: 'hello', exitCode: 0 });
    });
  });

  // The oldest and the newest version, and no workers, because these need half a minute.
  test.each([20, 26])('the smoke suite passes on Node %i for arm64, emulated', async (line) => {
    const results = await runSmoke(project, emulatedNode(line, project), ['loading', 'fds', 'contract', 'run']);
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(150);
  });

  describe('Bun for musl', () => {
    let env: NodeJS.ProcessEnv;
    beforeAll(() => {
      env = libstdcxxForMusl(join(project, 'lib'));
    });

    test('@em/sys works', () => {
      expect(execute([BUN, 'main.mjs'], env)).toBe(OUTPUT);
    });

    test('the doctor reports that it works', () => {
      const printed = execute([BUN, 'node_modules/@em/sys/dist/em-sys.js', 'doctor'], env);
      expect(printed).toMatch(/works here\n\nplatform +linux, x64, musl\nruntime +Bun /);
      expect(printed).toMatch(/addon +\/.*\/prebuilds\/linux-x64\.node\n/);
    });
  });

  function execute([file = '', ...args]: readonly string[], env?: NodeJS.ProcessEnv): string {
    return execFileSync(file, args, { cwd: project, env, encoding: 'utf8' });
  }
});

/**
 * Bun needs a C++ library, and Debian has none for musl. The library for glibc works, with the few symbols that musl
 * lacks. The addon does not need it.
 */
function libstdcxxForMusl(folder: string): NodeJS.ProcessEnv {
  mkdirSync(folder);
  const source = join(import.meta.dirname, 'glibc-for-musl.c');
  const missing = join(folder, 'missing.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-nostdlib', '-o', missing, source]);
  // The libraries of glibc name its loader.
  copyFileSync(missing, join(folder, 'ld-linux-x86-64.so.2'));
  for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
    const file = execFileSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
    copyFileSync(file, join(folder, basename(name)));
  }
  return { LD_PRELOAD: missing, LD_LIBRARY_PATH: folder };
}
