import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { installRuntimes, type Runtime } from '../runtimes/runtimes.ts';
import { addConsumer } from './consumer.ts';
import { echoOnce } from './echo-once.ts';
import { installInstallers } from './installers.ts';
import { choose, ECHO_SERVER, PACKAGE_SETS } from './package-sets.ts';
import { ResultTable } from './result-table.ts';
import { Stranger } from './stranger.ts';

const runtimes = installRuntimes();
const table = new ResultTable();
const stranger = new Stranger();

afterAll(() => {
  console.log(table.format());
  stranger[Symbol.dispose]();
});

function labelled(those: readonly Runtime[]): [string, Runtime][] {
  return those.map((runtime) => [label(runtime), runtime]);
}

function label({ name, version }: Runtime): string {
  return `${name} ${version}`;
}

describe.each(installInstallers())('installed by $name', (installer) => {
  describe.each(PACKAGE_SETS)('$name', ({ name, packages, consumer, output }) => {
    let project: string;
    beforeAll(async () => {
      project = await stranger.install(installer, choose(inject('tarballs'), packages));
      addConsumer(project, consumer);
    });

    test('brings these packages and no other', () => {
      const modules = readdirSync(join(project, 'node_modules')).filter((entry) => !entry.startsWith('.'));
      expect(modules).toEqual(['@em']);
      expect(readdirSync(join(project, 'node_modules/@em')).map((entry) => `@em/${entry}`)).toEqual(packages);
    });

    test.each(labelled(runtimes))('works on %s', async (_, runtime) => {
      await table.record(name, installer.name, label(runtime), async () => {
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

    test.each(labelled(runtimes))('serves on %s', async (_, runtime) => {
      await table.record('echo-server', installer.name, label(runtime), async () => {
        const { name, executable, options } = runtime;
        const env = stranger.environment(executable);
        const main = join(project, 'node_modules/@em/echo-server/dist/main.js');
        // Its first line says that Node is to run it, whatever it is started by.
        const command =
          name === 'node' ? [join(project, 'node_modules/.bin/em-echo-server')] : [executable, ...options, main];
        expect(await echoOnce(command, { env, cwd: project })).toEqual({ echoed: 'hello', exitCode: 0 });
      });
    });

    test.each(labelled(runtimes.filter(({ name }) => name === 'node')))(
      'the doctor is well on %s',
      async (_, runtime) => {
        const doctor = join(project, 'node_modules/.bin/em-sys');
        const printed = await stranger.run(doctor, ['doctor'], project, runtime.executable);
        expect(printed).toMatch(/ works here\n/);
        expect(printed).toMatch(`Node.js ${runtime.version}`);
        expect(printed).toMatch(`/prebuilds/linux-${process.arch}.node`);
      },
    );
  });
});
