import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { installRuntimes } from '../runtimes/runtimes.ts';
import { addConsumer } from './consumer.ts';
import { echoOnce } from './echo-once.ts';
import { installInstallers } from './installers.ts';
import { choose, ECHO_SERVER, PACKAGE_SETS } from './package-sets.ts';
import { labelled, ResultTable } from './result-table.ts';
import { Stranger } from './stranger.ts';

const RUNTIME_NAMES = { node: 'Node.js', bun: 'Bun', deno: 'Deno' };

const runtimes = labelled(installRuntimes());
const table = new ResultTable();
const stranger = new Stranger();

afterAll(() => {
  console.log(table.format());
  stranger[Symbol.dispose]();
});

describe.each(installInstallers())('installed by $name', (installer) => {
  describe.each(PACKAGE_SETS)('$name', ({ name, packages, consumer, output }) => {
    let project: string;
    beforeAll(async () => {
      project = await stranger.install(installer, choose(inject('tarballs'), packages));
      addConsumer(project, consumer);
    });

    test('installs these packages and no others', () => {
      const modules = readdirSync(join(project, 'node_modules')).filter((entry) => !entry.startsWith('.'));
      expect(modules).toEqual(['@em']);
      const ours = readdirSync(join(project, 'node_modules/@em')).map((entry) => `@em/${entry}`);
      expect(ours.sort()).toEqual([...packages].sort());
    });

    test.each(runtimes)('works on %s', async (label, runtime) => {
      await table.record(name, installer.name, label, async () => {
        const { executable, options } = runtime;
        const printed = await stranger.run(executable, [...options, 'main.mjs'], project, process.execPath);
        expect(printed).toBe(output);
      });
    });
  });

  describe('echo-server', () => {
    let project: string;
    beforeAll(async () => {
      project = await stranger.install(installer, { ...choose(inject('tarballs'), ECHO_SERVER), ...inject('others') });
    });

    test.each(runtimes)('echoes on %s', async (label, runtime) => {
      await table.record('echo-server', installer.name, label, async () => {
        const { name, executable, options } = runtime;
        const env = stranger.environment(executable);
        const main = join(project, 'node_modules/@em/echo-server/dist/em-echo-server.js');
        // Its first line names Node, so a package manager would start it with Node.
        const command =
          name === 'node' ? [join(project, 'node_modules/.bin/em-echo-server')] : [executable, ...options, main];
        expect(await echoOnce(command, { env, cwd: project })).toEqual({ echoed: 'hello', exitCode: 0 });
      });
    });

    test.each(runtimes)('the doctor finds no problem on %s', async (label, runtime) => {
      await table.record('doctor', installer.name, label, async () => {
        const { name, executable, options, version } = runtime;
        const [file, ...args] =
          name === 'node'
            ? installer.doctor
            : [executable, ...options, join(project, 'node_modules/@em/sys/dist/em-sys.js'), 'doctor'];
        const printed = await stranger.run(file, args, project, executable);
        expect(printed).toMatch(/ works here\n/);
        expect(printed).toMatch(new RegExp(`^runtime +${RUNTIME_NAMES[name]} ${version}, Node-API \\d+$`, 'm'));
        expect(printed).toMatch(`/prebuilds/linux-${process.arch}.node`);
      });
    });
  });
});
